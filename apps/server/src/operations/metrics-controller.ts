/** What Prometheus reads. */
import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Metrics } from './metrics.ts';

const EXAMPLE = `# HELP signal_ledger_commands_in_flight Commands in work or waiting for their turn
# TYPE signal_ledger_commands_in_flight gauge
signal_ledger_commands_in_flight 3
`;

@ApiTags('Operations')
@Controller('metrics')
export class MetricsController {
  readonly #metrics: Metrics;

  constructor(@Inject(Metrics) metrics: Metrics) {
    this.#metrics = metrics;
  }

  @Get()
  @ApiOperation({ summary: 'Counts and times of this process, for Prometheus' })
  @ApiResponse({
    status: 200,
    description: 'The text format of Prometheus',
    content: { 'text/plain': { schema: { type: 'string' }, example: EXAMPLE } },
  })
  async read(@Res() reply: FastifyReply): Promise<void> {
    await reply.header('content-type', this.#metrics.contentType).send(await this.#metrics.text());
  }
}

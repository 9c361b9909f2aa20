/** From what was found and what went wrong to the answers of the NEXT.exchange dialect. Pure. */
import type { Fault, Rendered } from '../../http/fault.ts';
import { AgentFault, codeOf, statusOf } from './errors.ts';

export function renderFound(body: object, stale = false): Rendered {
  return { status: 200, body: JSON.stringify(body), ...(stale && { headers: { 'x-stale': 'true' } }) };
}

export function renderMade(body: object): Rendered {
  return { status: 201, body: JSON.stringify(body) };
}

export function renderFault(fault: Fault): Rendered {
  const code = codeOf(fault);
  const { message, field, retryAfter } = fault;
  const { permission, breaker } = fault instanceof AgentFault ? fault : {};
  const error = {
    code,
    message,
    ...(field !== undefined && { field }),
    ...(permission !== undefined && { permission }),
    ...(breaker !== undefined && { breaker }),
  };
  return {
    status: statusOf(code),
    body: JSON.stringify({ error }),
    ...(retryAfter !== undefined && { headers: { 'retry-after': String(retryAfter) } }),
  };
}

#!/usr/bin/env node
import { run } from '../../launcher/run.mjs';

await run('cli', process.argv.slice(2));

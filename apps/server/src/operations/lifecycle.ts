/** Whether the server is on its way down: it then says "not ready" while it finishes what it accepted. */
export class Lifecycle {
  #stopping = false;

  get stopping(): boolean {
    return this.#stopping;
  }

  stop(): void {
    this.#stopping = true;
  }
}

export type Disposer = () => void;

/** Collects clean-ups; `dispose` runs them once, last first. Adding to a disposed store cleans up at once. */
export class DisposableStore {
  readonly #disposers: Disposer[] = [];
  #disposed = false;

  add(disposer: Disposer): void {
    if (this.#disposed) disposer();
    else this.#disposers.push(disposer);
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const disposer of this.#disposers.reverse()) disposer();
    this.#disposers.length = 0;
  }
}

/** One typed event. Listeners run synchronously, in order; `on` returns what takes the listener off again. */
export class Emitter<T> {
  readonly #listeners = new Set<(value: T) => void>();

  on(listener: (value: T) => void): Disposer {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(value: T): void {
    for (const listener of [...this.#listeners]) listener(value);
  }
}

/**
 * Values by `/`-separated paths, as a tree: all values below a path are found, moved and removed without a look at the
 * others. The path `''` has no value.
 */

interface TreeNode<Value> {
  value: Value | undefined;
  children: Map<string, TreeNode<Value>> | undefined;
}

export class PathTree<Value> {
  readonly #root: TreeNode<Value> = { value: undefined, children: undefined };
  #size = 0;

  /** Number of values. */
  get size(): number {
    return this.#size;
  }

  get(path: string): Value | undefined {
    return this.#find(path)?.value;
  }

  set(path: string, value: Value): void {
    let node = this.#root;
    for (const name of path.split('/')) {
      node.children ??= new Map();
      const next: TreeNode<Value> = node.children.get(name) ?? { value: undefined, children: undefined };
      node.children.set(name, next);
      node = next;
    }
    if (node.value === undefined) this.#size += 1;
    node.value = value;
  }

  /** Removes a path with everything below it. Returns what was there, the content of a directory before it. */
  delete(path: string): [path: string, value: Value][] {
    const node = this.#detach(path);
    if (!node) return [];
    const removed = [...valuesOf(node, path)].reverse();
    this.#size -= removed.length;
    return removed;
  }

  /** Moves everything at and below a path, in place of what is at the new one. The new path must not be below the old one. */
  move(from: string, to: string): void {
    const moved = [...this.entries(from)];
    this.delete(from);
    this.delete(to);
    for (const [path, value] of moved) this.set(to + path.slice(from.length), value);
  }

  /** The values at and below a path, by default all: a directory before its content. */
  *entries(path = ''): Generator<[path: string, value: Value]> {
    const node = path === '' ? this.#root : this.#find(path);
    if (node) yield* valuesOf(node, path);
  }

  #find(path: string): TreeNode<Value> | undefined {
    let node: TreeNode<Value> | undefined = this.#root;
    for (const name of path.split('/')) node = node?.children?.get(name);
    return node;
  }

  #detach(path: string): TreeNode<Value> | undefined {
    const slash = path.lastIndexOf('/');
    const parent = slash < 0 ? this.#root : this.#find(path.slice(0, slash));
    const name = path.slice(slash + 1);
    const node = parent?.children?.get(name);
    parent?.children?.delete(name);
    return node;
  }
}

// Not recursive: the other end chooses the depth.
function* valuesOf<Value>(top: TreeNode<Value>, at: string): Generator<[path: string, value: Value]> {
  const waiting: [path: string, node: TreeNode<Value>][] = [[at, top]];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [path, { value, children }] = next;
    if (value !== undefined) yield [path, value];
    for (const [name, child] of children ?? []) waiting.push([path === '' ? name : `${path}/${name}`, child]);
  }
}

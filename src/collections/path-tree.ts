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
  #paths = 0;

  /** Number of values. */
  get size(): number {
    return this.#size;
  }

  /** Number of paths in memory: those that have a value, and those above them. */
  get paths(): number {
    return this.#paths;
  }

  get(path: string): Value | undefined {
    return this.#find(path)?.value;
  }

  set(path: string, value: Value): void {
    const node = this.#make(path);
    if (node.value === undefined) this.#size += 1;
    node.value = value;
  }

  /** Removes a path with everything below it. Returns what was there, the content of a directory before it. */
  delete(path: string): [path: string, value: Value][] {
    const node = this.#detach(path);
    if (!node) return [];
    const removed: [path: string, value: Value][] = [];
    for (const [at, { value }] of nodesOf(node, path)) {
      this.#paths -= 1;
      if (value !== undefined) removed.push([at, value]);
    }
    this.#size -= removed.length;
    return removed.reverse();
  }

  /** Moves everything at and below a path, in place of what is at the new one. The new path must not be below the old one. */
  move(from: string, to: string): void {
    const moved = this.#detach(from);
    this.delete(to);
    if (!moved) return;
    Object.assign(this.#make(to), moved);
    this.#paths -= 1;
  }

  /** The values at and below a path, by default all: a directory before its content. */
  *entries(path = ''): Generator<[path: string, value: Value]> {
    const top = path === '' ? this.#root : this.#find(path);
    if (!top) return;
    for (const [at, { value }] of nodesOf(top, path)) if (value !== undefined) yield [at, value];
  }

  #find(path: string): TreeNode<Value> | undefined {
    let node: TreeNode<Value> | undefined = this.#root;
    for (const name of path.split('/')) node = node?.children?.get(name);
    return node;
  }

  #make(path: string): TreeNode<Value> {
    let node = this.#root;
    for (const name of path.split('/')) {
      node.children ??= new Map();
      let next = node.children.get(name);
      if (!next) {
        next = { value: undefined, children: undefined };
        node.children.set(name, next);
        this.#paths += 1;
      }
      node = next;
    }
    return node;
  }

  /** Takes a node out, and with it the nodes above it that are left with nothing. Its own and those below still count. */
  #detach(path: string): TreeNode<Value> | undefined {
    const way: { readonly parent: TreeNode<Value>; readonly name: string }[] = [];
    let node = this.#root;
    for (const name of path.split('/')) {
      const next = node.children?.get(name);
      if (!next) return undefined;
      way.push({ parent: node, name });
      node = next;
    }
    for (let step = way.pop(); step; step = way.pop()) {
      const { parent, name } = step;
      parent.children?.delete(name);
      if (parent === this.#root || parent.value !== undefined || parent.children?.size !== 0) break;
      this.#paths -= 1;
    }
    return node;
  }
}

// Not recursive: the other end chooses the depth.
function* nodesOf<Value>(top: TreeNode<Value>, at: string): Generator<[path: string, node: TreeNode<Value>]> {
  const waiting: [path: string, node: TreeNode<Value>][] = [[at, top]];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [path, { children }] = next;
    yield next;
    for (const [name, child] of children ?? []) waiting.push([path === '' ? name : `${path}/${name}`, child]);
  }
}

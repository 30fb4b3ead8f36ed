/** A key with its value. */
export type Entry<V> = readonly [key: string, value: V];

interface Pair<V> {
  readonly key: string;
  readonly value: V;
}
interface Node<V> extends Pair<V> {
  readonly size: number;
  readonly left: Tree<V>;
  readonly right: Tree<V>;
}
type Tree<V> = Node<V> | null;

/**
 * An immutable map whose keys are kept in string order (as `<` has it). A change gives a new map, which shares
 * all but one path with the old one. Every operation on one entry takes O(log n).
 *
 * It is a weight-balanced tree (Adams 1992), balanced by the parameters (3, 2) that Hirai and Yamamoto proved in 2011.
 */
export class OrderedMap<V> {
  readonly #root: Tree<V>;

  /** Use `emptyMap` or `mapOf`. */
  constructor(root: Tree<V>) {
    this.#root = root;
  }

  get size(): number {
    return sizeOf(this.#root);
  }

  /**
   * How many times heavier than its sibling a subtree is at worst (a weight is a size + 1). Never above 3, so
   * the height is at most log(size + 1) to the base 4/3. Walks the whole tree: for tests.
   */
  get imbalance(): number {
    return imbalanceOf(this.#root);
  }

  get(key: string): V | undefined {
    return find(this.#root, key)?.value;
  }

  has(key: string): boolean {
    return find(this.#root, key) !== null;
  }

  /** The map with the entry added or replaced; the same map when it holds that very value already. */
  set(key: string, value: V): OrderedMap<V> {
    return this.#with(insert(this.#root, key, value));
  }

  /** The map without the key; the same map when it was absent. */
  delete(key: string): OrderedMap<V> {
    return this.#with(remove(this.#root, key));
  }

  first(): Entry<V> | undefined {
    return this.#root ? entryOf(leftmost(this.#root)) : undefined;
  }

  last(): Entry<V> | undefined {
    return this.at(this.size - 1);
  }

  /** The entry with `index` keys before it; undefined outside 0 … size - 1. */
  at(index: number): Entry<V> | undefined {
    let node = this.#root;
    let skip = index;
    while (node) {
      const before = sizeOf(node.left);
      if (skip === before) return entryOf(node);
      if (skip < before) node = node.left;
      else {
        skip -= before + 1;
        node = node.right;
      }
    }
    return undefined;
  }

  /** How many keys are smaller than this one, which need not be in the map. */
  indexOf(key: string): number {
    let index = 0;
    let node = this.#root;
    while (node) {
      if (key <= node.key) node = node.left;
      else {
        index += sizeOf(node.left) + 1;
        node = node.right;
      }
    }
    return index;
  }

  /** The nearest entry with a smaller key. */
  before(key: string): Entry<V> | undefined {
    return this.at(this.indexOf(key) - 1);
  }

  /** The nearest entry with a greater key. */
  after(key: string): Entry<V> | undefined {
    return this.at(this.indexOf(key) + (this.has(key) ? 1 : 0));
  }

  [Symbol.iterator](): IterableIterator<Entry<V>> {
    return this.entriesFrom(0);
  }

  *values(): IterableIterator<V> {
    for (const [, value] of this) yield value;
  }

  /** The entries in order, without the first `index`. Reaching the first one takes O(log n), each further one O(1). */
  *entriesFrom(index: number): IterableIterator<Entry<V>> {
    const path: Node<V>[] = [];
    let skip = index;
    for (let node = this.#root; node; ) {
      const before = sizeOf(node.left);
      if (skip <= before) {
        path.push(node);
        node = node.left;
      } else {
        skip -= before + 1;
        node = node.right;
      }
    }
    for (let node = path.pop(); node; node = path.pop()) {
      yield entryOf(node);
      for (let next = node.right; next; next = next.left) path.push(next);
    }
  }

  #with(root: Tree<V>): OrderedMap<V> {
    return root === this.#root ? this : new OrderedMap(root);
  }
}

export function emptyMap<V>(): OrderedMap<V> {
  return new OrderedMap<V>(null);
}

/** A map of these entries, given in any order; of two with one key the later counts. */
export function mapOf<V>(entries: Iterable<Entry<V>>): OrderedMap<V> {
  const sorted = [...new Map(entries)].sort(([a], [b]) => (a < b ? -1 : 1));
  return new OrderedMap(build(sorted, 0, sorted.length));
}

function build<V>(sorted: readonly Entry<V>[], from: number, to: number): Tree<V> {
  const middle = (from + to) >> 1;
  const entry = sorted[middle];
  if (from >= to || entry === undefined) return null;
  const [key, value] = entry;
  return join(build(sorted, from, middle), { key, value }, build(sorted, middle + 1, to));
}

function find<V>(tree: Tree<V>, key: string): Tree<V> {
  let node = tree;
  while (node && node.key !== key) node = key < node.key ? node.left : node.right;
  return node;
}

function insert<V>(tree: Tree<V>, key: string, value: V): Node<V> {
  if (!tree) return join(null, { key, value }, null);
  if (key < tree.key) return replaced(tree, insert(tree.left, key, value), tree.right);
  if (key > tree.key) return replaced(tree, tree.left, insert(tree.right, key, value));
  return Object.is(value, tree.value) ? tree : join(tree.left, { key, value }, tree.right);
}

function remove<V>(tree: Tree<V>, key: string): Tree<V> {
  if (!tree) return null;
  if (key < tree.key) return replaced(tree, remove(tree.left, key), tree.right);
  if (key > tree.key) return replaced(tree, tree.left, remove(tree.right, key));
  if (!tree.left || !tree.right) return tree.left ?? tree.right;
  const next = leftmost(tree.right);
  return balanced(tree.left, next, remove(tree.right, next.key));
}

/** The node over its new subtrees; itself when they are the old ones. */
function replaced<V>(node: Node<V>, left: Tree<V>, right: Tree<V>): Node<V> {
  return left === node.left && right === node.right ? node : balanced(left, node, right);
}

/** Joins two subtrees, one of which has changed by one entry since they were in balance. */
function balanced<V>(left: Tree<V>, middle: Pair<V>, right: Tree<V>): Node<V> {
  if (right && weight(right) > 3 * weight(left)) {
    const { left: inner, right: outer } = right;
    return inner && weight(inner) >= 2 * weight(outer)
      ? join(join(left, middle, inner.left), inner, join(inner.right, right, outer))
      : join(join(left, middle, inner), right, outer);
  }
  if (left && weight(left) > 3 * weight(right)) {
    const { left: outer, right: inner } = left;
    return inner && weight(inner) >= 2 * weight(outer)
      ? join(join(outer, left, inner.left), inner, join(inner.right, middle, right))
      : join(outer, left, join(inner, middle, right));
  }
  return join(left, middle, right);
}

function join<V>(left: Tree<V>, { key, value }: Pair<V>, right: Tree<V>): Node<V> {
  return { key, value, size: weight(left) + sizeOf(right), left, right };
}

function leftmost<V>(node: Node<V>): Node<V> {
  return node.left ? leftmost(node.left) : node;
}

function sizeOf(tree: Tree<unknown>): number {
  return tree ? tree.size : 0;
}

function weight(tree: Tree<unknown>): number {
  return sizeOf(tree) + 1;
}

function imbalanceOf(tree: Tree<unknown>): number {
  if (!tree) return 1;
  const ratio = weight(tree.left) / weight(tree.right);
  return Math.max(ratio, 1 / ratio, imbalanceOf(tree.left), imbalanceOf(tree.right));
}

function entryOf<V>(node: Node<V>): Entry<V> {
  return [node.key, node.value];
}

/** The machines of the farm. */
import { getJson } from './api.js';
import { el, show } from './dom.js';
import { bytes, time } from './words.js';

const STATES = { online: 'done', draining: 'stopped', resting: 'stopped', offline: 'failed' };

export async function openNodes(main) {
  show(main, el('h1', {}, 'Nodes'), el('p', { class: 'empty' }, 'Loading…'));
  const nodes = new Map();
  async function load() {
    nodes.clear();
    for (const node of await getJson('/nodes')) nodes.set(node.id, node);
    draw();
  }
  function draw() {
    show(main, el('h1', {}, 'Nodes'), nodes.size === 0 ? noNodes() : table([...nodes.values()]));
  }
  await load();
  return {
    title: 'Nodes',
    again: load,
    event(event) {
      if (event.kind !== 'node') return;
      nodes.set(event.node.id, event.node);
      draw();
    },
  };
}

function table(nodes) {
  const heads = [
    'Name',
    'State',
    'Running',
    'Processor',
    'Memory',
    'Graphics',
    'Free disk',
    'Apps',
    'Last seen',
  ];
  return el(
    'div',
    { class: 'panel scroll', tabindex: '0', role: 'region', 'aria-label': 'Nodes', 'data-key': 'nodes' },
    el(
      'table',
      {},
      el('thead', {}, el('tr', {}, ...heads.map((head) => el('th', { scope: 'col' }, head)))),
      el(
        'tbody',
        {},
        ...nodes.map((node) =>
          el(
            'tr',
            {},
            el('td', {}, node.name),
            el('td', { class: `is-${STATES[node.state] ?? 'waiting'}` }, node.state),
            el('td', {}, `${node.running} of ${node.slots}`),
            el('td', {}, `${node.cpuModel}, ${node.cpuThreads} threads`),
            el('td', {}, bytes(node.memoryBytes)),
            el('td', {}, node.gpus.join(', ') || '–'),
            el('td', {}, bytes(node.diskFreeBytes)),
            el('td', {}, node.apps.map(({ app, version }) => `${app} ${version}`).join(', ') || '–'),
            el('td', {}, time(node.seenAt)),
          ),
        ),
      ),
    ),
  );
}

function noNodes() {
  return el(
    'div',
    { class: 'panel empty' },
    el('p', {}, 'No machine renders yet.'),
    el('p', {}, 'Start one with ', el('code', {}, `croft node --server ${location.origin} --code CODE`), '.'),
  );
}

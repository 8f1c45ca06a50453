/** The machines of the farm, and how to add one. */
import { getJson, postJson } from './api.js';
import { openDialog } from './dialogs.js';
import { el, show } from './dom.js';
import { ago, duration, farmNow } from './times.js';
import { bytes, memory } from './words.js';

const STATES = { online: 'done', draining: 'stopped', resting: 'stopped', offline: 'failed' };

export async function openNodes(main) {
  show(main, el('h1', {}, 'Nodes'), el('p', { class: 'empty' }, 'Loading…'));
  const nodes = new Map();
  const list = el('div');
  const add = el('button', { class: 'plain', type: 'button', onclick: addNode }, 'Add a node');
  const heading = el(
    'div',
    { class: 'row heading' },
    el('h1', {}, 'Nodes'),
    el('span', { class: 'push' }, add),
  );
  async function load() {
    const rows = await getJson('/nodes');
    nodes.clear();
    for (const node of rows) nodes.set(node.id, node);
    draw();
  }
  function draw() {
    const cards = [...nodes.values()].map(nodeCard);
    show(list, cards.length === 0 ? noNodes() : el('ul', { class: 'nodes' }, ...cards));
  }
  await load();
  show(main, heading, list);
  return {
    title: () => 'Nodes',
    again: load,
    event(event) {
      if (event.kind !== 'node') return;
      nodes.set(event.node.id, event.node);
      draw();
    },
  };
}

function nodeCard(node) {
  const apps = node.apps.map(({ app, version }) => `${app} ${version}`);
  const facts = [
    ['Renders', `${node.running} of ${node.slots}`],
    ['Processor', `${node.cpuModel}, ${node.cpuThreads} threads`],
    ['Memory', memory(node.memoryBytes)],
    ['Graphics', node.gpus.join(', ') || 'none'],
    ['Free disk', bytes(node.diskFreeBytes)],
    ['Apps', apps.join(', ') || 'none found'],
    ['System', node.os],
  ];
  return el(
    'li',
    { class: 'panel' },
    el(
      'div',
      { class: 'row' },
      el('h3', {}, node.name),
      el('span', { class: `state is-${STATES[node.state] ?? 'waiting'}` }, node.state),
      el(
        'span',
        { class: 'small quiet push' },
        node.state === 'online' ? '' : 'seen ',
        node.state === 'online' ? '' : ago(node.seenAt),
      ),
    ),
    el('dl', {}, ...facts.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)])),
  );
}

async function addNode() {
  try {
    const { code, expiresAt } = await postJson('/node-codes');
    openDialog('Add a node', [
      el('p', {}, 'Run this on the machine that shall render:'),
      el('pre', { tabindex: '0' }, `croft node --server ${location.origin} --code ${code}`),
      el(
        'p',
        { class: 'quiet small' },
        `The code is for one machine and good for ${duration(expiresAt - farmNow())}.`,
      ),
    ]);
  } catch (error) {
    openDialog('Add a node', [el('p', { class: 'is-failed' }, error.message), el('p', {}, error.hint)]);
  }
}

function noNodes() {
  return el(
    'div',
    { class: 'panel empty' },
    el('p', {}, 'No machine renders yet.'),
    el('p', {}, 'Add one: this farm waits for it.'),
  );
}

/** Suites must run on the Node that users get; a machine's older one would skip whole features without a word. */
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) throw new Error(`these suites need Node 24 or newer, this is ${process.versions.node}`);

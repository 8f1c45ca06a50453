/** Exit codes as the help shows them; the numbers are the contract's `EXIT`. */
export const EXIT_TABLE: readonly (readonly [number, string])[] = [
  [0, 'done'],
  [1, 'an error in Croft itself; please report it'],
  [2, 'the command line is wrong'],
  [3, 'the scene, or another file given, cannot be used'],
  [4, 'the task ended with failed or stopped frames'],
  [5, 'the farm cannot be reached'],
  [6, 'the farm refused: key, permission, signature'],
  [7, 'no room, a port taken, or a home in use'],
  [8, 'there is no such thing'],
  [130, 'interrupted'],
];

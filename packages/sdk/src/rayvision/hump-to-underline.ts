/** `userId` → `user_id`, `c4dFlag` → `c4d_flag`: a `_` between a lower-case letter or digit and an upper-case one. */
export function hump2underline(hump: string): string {
  return hump.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
}

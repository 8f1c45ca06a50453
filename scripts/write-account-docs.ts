/**
 * Writes docs/account-fields.md from the table of an account's fields:
 *
 *   node scripts/write-account-docs.ts [--check]
 */
import { ACCOUNT_FIELD_EFFECTS } from '../packages/farm/src/accounts/account-field-effects.ts';
import {
  ACCOUNT_FIELD_NAMES,
  ACCOUNT_FIELDS,
  type AccountEditor,
  type AccountField,
} from '../packages/farm/src/accounts/account-fields.ts';
import { type GeneratedPage, markdownTable, writeOrCheck } from './generated-page.ts';

const SCRIPT = 'scripts/write-account-docs.ts';
const WHO: Record<AccountEditor, string> = {
  self: 'the account',
  main: 'its main account',
  admin: 'administrators',
};

export function accountPage(): GeneratedPage {
  const rows = ACCOUNT_FIELD_NAMES.map((name) => {
    const field: AccountField = ACCOUNT_FIELDS[name];
    const kind = field.of === undefined ? 'all' : field.of === 'main' ? 'main accounts' : 'sub-accounts';
    const who = field.isOwn ? 'the main account' : WHO[field.by];
    return [`\`${name}\``, field.allowed, who, kind, ACCOUNT_FIELD_EFFECTS[name]];
  });
  const parts = [
    `<!-- Made by ${SCRIPT} from packages/farm/src/accounts/: change the tables there, then run it. -->`,
    '# Fields of an account',
    INTRODUCTION,
    markdownTable(['field', 'takes', 'changed by', 'of', 'what it does'], rows),
    FACTS,
  ];
  return { path: 'docs/account-fields.md', text: `${parts.join('\n\n')}\n`, script: SCRIPT };
}

const INTRODUCTION = `\`croft accounts set NAME FIELD=VALUE\`, \`POST /api/v1/accounts/{accountId}\` and nothing else change them; [Accounts and
teams](accounts.md) shows the usual ones at work. A field that the account changes
is also changed by its main account, and administrators change all. What "its main account" changes of a sub-account, only
administrators change of a main account; "the main account" changes it of its sub-accounts and of itself. Names are those of the Renderbus API's profile and settings (queryUserProfile, queryUserSetting) where it has them;
\`taskOverTimeSec\` is also changed by its updateUserSetting.`;

const FACTS = `The profile has more, which nobody sets: \`userId\`, \`mainUserId\` (0 for a main account), \`accountType\` (1 main account, 2
sub-account), \`status\` (1, or 0 while disabled), \`platform\` (that of the request), the amounts and prices,
\`houdiniFlag\`, \`c4dFlag\`, \`blenderFlag\` and \`keyshotFlag\` (1 where the farm renders that application), and \`pictureLever\`, always
null.`;

if (import.meta.main) writeOrCheck(accountPage(), process.argv.slice(2));

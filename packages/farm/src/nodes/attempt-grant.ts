/** The rights of an attempt token, as the transfer door needs them. */
export interface AttemptGrant {
  attemptId: number;
  nodeId: string;
  taskId: number;
  accountId: number;
  /** Whose input root the task reads: its account's, or the main account's where the account shares its assets. */
  inputAccountId: number;
  /** Version of the input root that the task froze at submit. */
  inputVersion: number;
}

/** Makes the children of a task whose plan has some: each a task of its own, submitted with its parent. */
import type { ChildPlan } from '@croft/dcc';
import type { FarmTx } from '../news.ts';
import { takeNumbers } from '../store/sequences.ts';
import type { TaskRow } from './own-task.ts';
import { outputNameOf } from './read-submission.ts';

/** Rows of the children, in order; the parent's row is read as it is after its own submit. */
export async function makeChildren(
  tx: FarmTx,
  parent: TaskRow,
  plans: readonly ChildPlan[],
): Promise<{ taskId: number; plan: ChildPlan }[]> {
  const first = await takeNumbers(tx.db, 'task', plans.length);
  for (const [index, plan] of plans.entries()) {
    const id = first + index;
    await tx.db
      .insertInto('tasks')
      .values({
        ...parent,
        id,
        parent_id: parent.id,
        child_count: 0,
        after_id: plan.after === null ? 0 : first + plan.after,
        task_type: plan.taskType,
        layer_name: plan.layerName.slice(0, 255),
        render_camera: (plan.camera ?? '').slice(0, 255),
        output_name: outputNameOf(id, parent.scene_name),
        frames_range: plan.framesRange,
        settings: JSON.stringify(plan.settings),
        needs: JSON.stringify(plan.needs),
        // The parent's limit is for all of them together.
        node_limit: null,
        submit_order: await takeNumbers(tx.db, 'submit'),
      })
      .execute();
  }
  return plans.map((plan, index) => ({ taskId: first + index, plan }));
}

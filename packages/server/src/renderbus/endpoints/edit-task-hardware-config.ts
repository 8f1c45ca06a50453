import type { HardwareEdit } from '@croft/farm';
import * as z from 'zod';
import { defineEndpoint } from '../endpoint.ts';
import { ints, optional, someInts, text } from '../fields.ts';

const request = z
  .object({
    taskIds: someInts,
    /** The SDK's list; documents print one id, or a list, as `hardwareConfigId`. */
    hardwareConfigIds: optional(ints),
    hardwareConfigId: optional(ints),
    model: optional(text),
    ram: optional(text.pipe(z.string().regex(/^\d{1,6}\s*(GB)?$/i))),
    gpuNum: optional(text.pipe(z.string().regex(/^\d{1,2}\s*(\*\s*GPU)?$/i))),
  })
  .refine((body) => editOf(body).ids.length > 0 || body.model !== undefined || body.ram !== undefined, {
    path: ['hardwareConfigIds'],
  });

/** Ids say it all; without one the words choose among the hardware of the task's platform. */
export const endpoint = defineEndpoint({
  name: 'editTaskHardwareConfig',
  paths: ['/api/render/handle/editTaskHardwareConfig'],
  mutates: true,
  request,
  async handle(body, { calls, caller }) {
    await calls.editTaskHardware(caller.accountId, body.taskIds, editOf(body));
    return null;
  },
});

interface Words {
  hardwareConfigIds?: number[] | undefined;
  hardwareConfigId?: number[] | undefined;
  model?: string | undefined;
  ram?: string | undefined;
  gpuNum?: string | undefined;
}

function editOf({ hardwareConfigIds = [], hardwareConfigId = [], model, ram, gpuNum }: Words): HardwareEdit {
  return {
    ids: hardwareConfigIds.length > 0 ? hardwareConfigIds : hardwareConfigId,
    ...(model === undefined ? {} : { model }),
    ...(ram === undefined ? {} : { ramGb: Number.parseInt(ram, 10) }),
    ...(gpuNum === undefined ? {} : { gpus: Number.parseInt(gpuNum, 10) }),
  };
}

/**
 * The full flow of the documented SDK: analyse → change settings → check → upload → submit → download. The four demos
 * beside this file call it with the analysis of their app.
 *
 *   node examples/sdk/blender-demo.ts DOMAIN ACCESS_ID ACCESS_KEY SCENE OUTPUT_FOLDER
 */
import path from 'node:path';
import {
  AnalyzeScene,
  type AnalyzeSceneOptions,
  appendToTask,
  appendToUpload,
  downloadResults,
  farmSession,
  RayvisionAPI,
  RayvisionCheck,
  RayvisionUpload,
  updateTaskInfo,
  watchTask,
} from '@croft/sdk';

export interface DemoOptions {
  /** Host and port of the farm. */
  readonly domain: string;
  readonly accessId: string;
  readonly accessKey: string;
  /** Default `http`; `https` for a farm with a certificate. */
  readonly protocol?: 'http' | 'https';
  readonly outputFolder: string;
  /** Settings of task.json to change, for example {pre_frames: '100', stop_after_test: '1'}. */
  readonly updateTask?: Readonly<Record<string, string>>;
}

export interface DemoOutcome {
  readonly taskId: number;
  readonly files: number;
}

/** Renders a scene and brings its frames home. */
export async function renderWithSdk(
  analyzeInfo: AnalyzeSceneOptions,
  { domain, accessId, accessKey, protocol = 'http', outputFolder, updateTask = {} }: DemoOptions,
): Promise<DemoOutcome> {
  // Step 1: analyse the scene. Nothing is sent.
  const analysis = new AnalyzeScene(analyzeInfo);
  await analysis.analyse();

  // Step 2: change settings, add own ones, add files.
  await updateTaskInfo(updateTask, analysis.taskJson);
  await appendToTask({ made_by: 'examples/sdk' }, analysis.taskJson);
  await appendToUpload([], analysis.uploadJson);

  // Step 3: sign in and check; this makes the task.
  const api = await RayvisionAPI.login({
    domain,
    accessId,
    accessKey,
    protocol,
    platform: '2',
    logLevel: 'WARNING',
  });
  const check = new RayvisionCheck(api, analysis);
  const taskId = await check.execute({ taskJson: analysis.taskJson, uploadJson: analysis.uploadJson });

  // Step 4: upload the four files, then what upload.json names. Only what the farm lacks travels.
  const { taskJson, tipsJson, assetJson, uploadJson } = check.paths;
  await new RayvisionUpload(api).upload(taskId, {
    taskJsonPath: taskJson,
    tipsJsonPath: tipsJson,
    assetJsonPath: assetJson,
    uploadJsonPath: uploadJson,
  });

  const session = farmSession(api.connect.connection);
  try {
    // Step 5: submit.
    await api.submit(taskId);

    // Step 6: wait for the frames and bring them home.
    for await (const news of watchTask(session.native, taskId, { clock: session.clock })) {
      if (news.kind === 'task')
        say(`task ${taskId}: ${news.task.frames.done} of ${news.task.frames.total} frames`);
    }
    const { files } = await downloadResults(session.native, session.mover, taskId, outputFolder);
    return { taskId, files };
  } finally {
    await session.close();
  }
}

/** Runs a demo with the arguments of the command line, and says in one sentence what went wrong. */
export async function runDemo(
  analyzeInfo: Omit<AnalyzeSceneOptions, 'cgFile'>,
  updateTask?: Readonly<Record<string, string>>,
): Promise<void> {
  const [domain, accessId, accessKey, cgFile, outputFolder] = process.argv.slice(2);
  if (!domain || !accessId || !accessKey || !cgFile || !outputFolder) {
    say('Give: DOMAIN ACCESS_ID ACCESS_KEY SCENE OUTPUT_FOLDER');
    process.exitCode = 2;
    return;
  }
  try {
    const workspace = path.join(outputFolder, 'workspace');
    const outcome = await renderWithSdk(
      { workspace, ...analyzeInfo, cgFile },
      { domain, accessId, accessKey, outputFolder, ...(updateTask ? { updateTask } : {}) },
    );
    say(`task ${outcome.taskId} is done, ${outcome.files} files are in ${outputFolder}`);
  } catch (thrown) {
    say(thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown));
    process.exitCode = 1;
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

// Runs the handler of the environment variables as the entry of AWS's Node.js runtimes up to nodejs22.x does.
// Argument: the main file of aws-lambda-ric 3.
const { run } = await import(process.argv[2]);

await run(process.env.LAMBDA_TASK_ROOT, process.env._HANDLER);

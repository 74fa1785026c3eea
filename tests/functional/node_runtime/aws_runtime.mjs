// Runs the handler of the environment variables as the entry of AWS's Node.js runtimes up to nodejs22.x does.
import { run } from "aws-lambda-ric-3";

await run(process.env.LAMBDA_TASK_ROOT, process.env._HANDLER);

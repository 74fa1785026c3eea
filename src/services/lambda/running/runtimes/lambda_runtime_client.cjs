"use strict";

// Runs a Node.js handler in an execution environment: the client of the Runtime API.
//
// Behaves like AWS's client (aws-lambda-ric 3.3 up to nodejs22.x, 4.0 from nodejs24.x): same messages, formats and order.
// tests/functional/test_node_runtime.py runs the same handlers with both and compares.
// Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
// Only modules that node has loaded at its start, and `net`, are loaded before the handler: `http` would add 8 ms to
// every cold start.

const fs = require("fs");
const net = require("net");
const path = require("path");
const util = require("util");
const nodeModule = require("module");

const { env } = process;
const { setImmediate } = globalThis; // tests of functions replace it with a fake clock
const API = "/2018-06-01/runtime/";
// Callbacks, context.done() and the wait for an empty event loop were removed in nodejs24.x.
const CALLBACKS = Number((/nodejs(\d+)/.exec(env.AWS_EXECUTION_ENV) ?? [])[1] ?? 24) < 24;
const JSON_LOGS = (env.AWS_LAMBDA_LOG_FORMAT ?? "").toUpperCase() === "JSON";

// --- errors

/** Returns a class for errors of the runtime, with the class name and the properties that the logs of AWS show. */
function errorClass(kind, className = kind) {
    const name = `Runtime.${kind}`;
    if (!CALLBACKS) {
        return { [className]: class extends Error {
            constructor(message) {
                super(message);
                this.name = name;
            }
        } }[className];
    }
    const Failure = { [kind]: class extends Error {} }[kind];
    Failure.prototype.name = name;
    return Failure;
}

const CallbackHandlerDeprecated = errorClass("CallbackHandlerDeprecated", "CallbackHandlerDeprecatedError");
const HandlerNotFound = errorClass("HandlerNotFound", "HandlerNotFoundError");
const ImportModuleError = errorClass("ImportModuleError");
const InvalidStreamingOperation = errorClass("InvalidStreamingOperation");
const JSONStringifyError = errorClass("JSONStringifyError");
const MalformedHandlerName = errorClass("MalformedHandlerName", "MalformedHandlerNameError");
const MalformedStreamingHandler = errorClass("MalformedStreamingHandler");
const UnhandledPromiseRejection = errorClass("UnhandledPromiseRejection");
const UserCodeSyntaxError = errorClass("UserCodeSyntaxError");

const UNREADABLE_ERROR = {
    errorType: "handled",
    errorMessage: "callback called with Error argument, but there was a problem while retrieving one or more of its " +
        "message, name, and stack",
};

function isText(value) {
    return typeof value === "string" && value !== "";
}

function isError(value) {
    if (!CALLBACKS) return value instanceof Error;
    return util.types.isNativeError(value) ||
        Boolean(value && isText(value.name) && isText(value.message) && isText(value.stack));
}

/** Returns the error object of a failed invoke or init. */
function describe(error) {
    const escaped = text => text?.replaceAll("\x7f", "%7F");
    try {
        if (!isError(error))
            return { errorType: typeof error, errorMessage: CALLBACKS ? error.toString() : String(error), trace: [] };
        return {
            errorType: escaped(error.name),
            errorMessage: escaped(error.message),
            trace: CALLBACKS ? escaped(error.stack).split("\n") : escaped(error.stack)?.split("\n") ?? [],
        };
    } catch {
        return CALLBACKS ? UNREADABLE_ERROR : { ...UNREADABLE_ERROR, trace: [] };
    }
}

function withProperties(value) {
    if (!(value instanceof Error)) return value;
    const { name, message, code, stack } = value;
    const all = Object.assign({ errorType: name, errorMessage: message, code }, value);
    if (typeof stack === "string") all.stack = stack.split("\n");
    return all;
}

function loggable(error) {
    try {
        return "\t" + JSON.stringify(error, (_, value) => withProperties(value));
    } catch {
        return "\t" + JSON.stringify(describe(error));
    }
}

/** Logs an error of the handler. Uses the current console.error, which the function may have replaced. */
function logError(title, value) {
    const error = value instanceof Error ? value : new Error(CALLBACKS ? value : String(value));
    if (JSON_LOGS) console.error(error);
    else console.error(title, loggable(error));
}

// --- the log

const LEVELS = Object.assign(Object.create(null), { TRACE: 1, DEBUG: 2, INFO: 3, WARN: 4, ERROR: 5, FATAL: 6 });
const LOG_LEVEL = LEVELS[(env.AWS_LAMBDA_LOG_LEVEL ?? "").toUpperCase()] ?? LEVELS.TRACE;
const REQUEST_ID = Symbol.for(CALLBACKS ? "aws.lambda.runtime.requestId" : "_AWS_LAMBDA_REQUEST_ID");
const TENANT_ID = Symbol.for(CALLBACKS ? "aws.lambda.runtime.tenantId" : "_AWS_LAMBDA_TENANT_ID");
const TRACE_ID = Symbol.for("_AWS_LAMBDA_X_RAY_TRACE_ID");

/** The values of the current event that libraries read (@aws/lambda-invoke-store). */
class InvokeStoreSingle {
    getContext() { return this.currentContext; }
    hasContext() { return this.currentContext !== undefined; }
    isProtectedKey(key) { return [REQUEST_ID, TENANT_ID, TRACE_ID].includes(key); }
    get(key) { return this.currentContext?.[key]; }
    getRequestId() { return this.get(REQUEST_ID) ?? "-"; }
    getTenantId() { return this.get(TENANT_ID); }
    getXRayTraceId() { return this.get(TRACE_ID); }

    set(key, value) {
        if (this.isProtectedKey(key)) throw new Error(`Cannot modify protected Lambda context field: ${String(key)}`);
        (this.currentContext ??= {})[key] = value;
    }

    run(context, call) {
        this.currentContext = context;
        return call();
    }
}

const invokeStore = new InvokeStoreSingle();
const requestId = CALLBACKS ? () => globalThis[REQUEST_ID] : () => invokeStore.getRequestId();
const tenantId = CALLBACKS ? () => globalThis[TENANT_ID] : () => invokeStore.getTenantId();

/**
 * Opens the log again. Node makes the pipe of a process.stdout that the function uses non-blocking, and records that do
 * not fit in it would be lost; a file that was opened again has flags of its own.
 */
function openLog() {
    try {
        return fs.openSync("/proc/self/fd/2", fs.constants.O_WRONLY);
    } catch {
        return 2;
    }
}

const log = openLog();

const LOG_WAIT_MS = 1;
const never = new Int32Array(new SharedArrayBuffer(4)); // nothing notifies it

/** Writes bytes to the log and returns their number. Waits if a log that could not be opened again is full. */
function writeLog(record, from) {
    try {
        return fs.writeSync(log, record, from);
    } catch (error) {
        if (error.code !== "EAGAIN") throw error;
        Atomics.wait(never, 0, 0, LOG_WAIT_MS);
        return 0;
    }
}

// One record is one log event, as on AWS: the engine treats \0\r as a line break within a record.
function writeRecord(text) {
    const record = Buffer.from(text.replaceAll("\n", "\0\r") + "\n");
    for (let written = 0; written < record.length;) written += writeLog(record, written);
}

const stackLines = error => typeof error.stack === "string" ? error.stack.split("\n") : undefined;

function errorFields(error, otherStack) {
    return {
        errorType: error?.constructor?.name ?? "UnknownError",
        errorMessage: error.message,
        stackTrace: stackLines(error) ?? otherStack,
    };
}

function jsonRecord(level, message, params) {
    const tenant = tenantId();
    const record = { timestamp: new Date().toISOString(), level, requestId: requestId() };
    if (tenant) record.tenantId = tenant;
    if (params.length > 0) {
        const error = (CALLBACKS ? [message, ...params] : params).find(value => value instanceof Error);
        record.message = util.format(message, ...params);
        return JSON.stringify(error ? Object.assign(record, errorFields(error, [])) : record);
    }
    record.message = message;
    try {
        return JSON.stringify(record, (_, value) =>
            value instanceof Error ? Object.assign(errorFields(value, value.stack), value) : value);
    } catch {
        record.message = util.format(message);
        return JSON.stringify(record);
    }
}

function textRecord(level, message, params) {
    return `${new Date().toISOString()}\t${requestId()}\t${level}\t${util.format(message, ...params)}`;
}

function replaceConsole() {
    const format = JSON_LOGS ? jsonRecord : textRecord;
    for (const level in LEVELS) {
        console[level.toLowerCase()] = LEVELS[level] < LOG_LEVEL
            ? () => {}
            : (message, ...params) => writeRecord(format(level, message, params));
    }
    console.log = console.info;
}

// --- the connection to the Runtime API

const LINE_END = Buffer.from("\r\n");
const HEAD_END = Buffer.from("\r\n\r\n");
const READ_BYTES = 1 << 16;
const ERROR_TYPE = "Lambda-Runtime-Function-Error-Type";
const ERROR_BODY = "Lambda-Runtime-Function-Error-Body";

/** An HTTP/1.1 client of the Runtime API with one persistent connection, on which requests are pipelined. */
class Connection {
    constructor(address) {
        const colon = address.lastIndexOf(":");
        this.address = address;
        this.resolvers = []; // of the requests in flight
        this.head = Buffer.alloc(0); // received bytes of an incomplete head
        this.response = null; // a response with an incomplete body
        this.socket = net.connect({
            host: address.slice(0, colon),
            port: Number(address.slice(colon + 1)),
            noDelay: true,
            onread: {
                buffer: Buffer.allocUnsafe(READ_BYTES),
                callback: (size, buffer) => this.received(buffer.subarray(0, size)),
            },
        });
        this.socket.unref();
        this.socket.on("error", () => {}).on("close", () => process.exit(0)); // the environment is being stopped
    }

    /** Returns the bytes of a request. */
    request(method, where, fields = "", body = "") {
        const head = `${method} ${API}${where} HTTP/1.1\r\nHost: ${this.address}\r\n${fields}`;
        return `${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    }

    /** Sends bytes that end a request. Resolves to {status, fields, body} of its response. */
    exchange(bytes) {
        this.socket.write(bytes);
        return this.expect();
    }

    expect() {
        return new Promise(resolve => this.resolvers.push(resolve));
    }

    received(bytes) {
        if (this.response) bytes = this.addToBody(bytes);
        while (bytes.length > 0) {
            this.head = this.head.length > 0 ? Buffer.concat([this.head, bytes]) : bytes;
            const end = this.head.indexOf(HEAD_END);
            if (end < 0) return void (this.head = Buffer.from(this.head)); // the read buffer is used again
            bytes = this.head.subarray(end + HEAD_END.length);
            this.response = parseHead(this.head.latin1Slice(0, end));
            this.head = Buffer.alloc(0);
            bytes = this.addToBody(bytes);
        }
        return true;
    }

    /** Adds bytes to the body of the current response and returns those of the next one. */
    addToBody(bytes) {
        const { response } = this;
        const part = bytes.subarray(0, response.missing);
        response.missing -= part.length;
        if (response.missing > 0) {
            response.parts.push(Buffer.from(part));
        } else {
            this.response = null;
            response.body = Buffer.concat([...response.parts, part]).toString();
            this.resolvers.shift()(response);
        }
        return bytes.subarray(part.length);
    }
}

function parseHead(text) {
    const [status, ...lines] = text.split("\r\n");
    const fields = {};
    for (const line of lines) {
        const colon = line.indexOf(":");
        fields[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
    }
    const missing = Number(fields["content-length"] ?? 0);
    return { status: Number(status.split(" ")[1]), fields, parts: [], missing, body: "" };
}

/** Returns a text as the value of a header field: the name of an error may be any text. */
function fieldValue(text) {
    return String(text).replace(/[^ -~]/g, "?");
}

const JSON_FIELD = "Content-Type: application/json\r\n";
const errorField = description => `${ERROR_TYPE}: ${fieldValue(description.errorType)}\r\n`;

/** The requests of the runtime. */
class RuntimeApi {
    constructor(address) {
        this.connection = new Connection(address);
        this.next = null; // the promise of the next event, once it was requested
        this.initialised = false;
        this.eventId = undefined; // of the event without a result
        this.stream = null; // its response, if the handler streams
    }

    /** Returns the next event: {fields, body}. The connection keeps the process alive only while this waits. */
    async nextEvent() {
        const { connection } = this;
        this.initialised = true;
        connection.socket.ref();
        const event = await (this.next ?? connection.exchange(connection.request("GET", "invocation/next")));
        this.next = null;
        if (event.status !== 200) process.exit(1);
        connection.socket.unref();
        this.eventId = event.fields["lambda-runtime-aws-request-id"];
        return event;
    }

    succeed(id, result) {
        return this.finish(id, "response", result);
    }

    fail(id, error) {
        const description = describe(error);
        return this.finish(id, "error", description, errorField(description));
    }

    /**
     * Sends the result of the event together with the request for the next event, which saves a round trip. Returns
     * false if the event already has a result: AWS rejects a second one.
     */
    finish(id, kind, value, field = "") {
        const body = toJson(value);
        if (id !== this.eventId) return false;
        const { connection } = this;
        this.eventId = undefined;
        connection.socket.write(connection.request("POST", `invocation/${id}/${kind}`, JSON_FIELD + field, body) +
            connection.request("GET", "invocation/next"));
        connection.expect();
        this.next = connection.expect();
        return true;
    }

    /** Reports an error that ends the process: of the init, or of the current event. */
    async failProcess(error) {
        const description = describe(error);
        if (this.stream) return this.stream.fail(error);
        if (this.initialised && this.eventId === undefined) return; // no caller waits between two events
        const where = this.initialised ? `invocation/${this.eventId}/error` : "init/error";
        this.connection.socket.ref();
        const fields = JSON_FIELD + errorField(description);
        await this.connection.exchange(this.connection.request("POST", where, fields, toJson(description)));
    }
}

function toJson(value) {
    let text;
    try {
        text = JSON.stringify(value === undefined ? null : value);
    } catch {
        throw new (CALLBACKS ? Error : JSONStringifyError)("Unable to stringify response body");
    }
    if (text === undefined) throw new TypeError("Wrong arguments"); // a function or a symbol
    return text;
}

// --- streamed responses

const HANDLER_STREAMING = Symbol.for("aws.lambda.runtime.handler.streaming");
const HANDLER_HIGH_WATER_MARK = Symbol.for("aws.lambda.runtime.handler.streaming.highWaterMark");
const HTTP_CONTENT_TYPE = "application/vnd.awslambda.http-integration-response";
const HTTP_DELIMITER = Buffer.alloc(8);

function streamifyResponse(handler, options) {
    handler[HANDLER_STREAMING] = "response";
    const highWaterMark = options?.highWaterMark;
    if (typeof highWaterMark === "number") handler[HANDLER_HIGH_WATER_MARK] = Math.trunc(highWaterMark);
    return handler;
}

class HttpResponseStream {
    /** Makes the stream begin with the status and the header fields of an HTTP response. */
    static from(stream, prelude) {
        stream.setContentType(HTTP_CONTENT_TYPE);
        const head = JSON.stringify(prelude);
        stream._onBeforeFirstWrite = write => {
            write(head);
            write(HTTP_DELIMITER);
        };
        return stream;
    }
}

/** Returns the stream of a response: its chunks are sent as they are written. */
function responseStream(api, id, highWaterMark) {
    const { Writable } = require("stream");
    const { connection } = api;
    let contentType = "application/octet-stream", begun = false, trailers = "", resolve, reject;
    const finished = new Promise((...ends) => ([resolve, reject] = ends));
    finished.catch(() => {}); // the handler may not wait for it

    function begin() {
        if (begun) return;
        begun = true;
        connection.socket.write(
            `POST ${API}invocation/${id}/response HTTP/1.1\r\nHost: ${connection.address}\r\n` +
            `Lambda-Runtime-Function-Response-Mode: streaming\r\nContent-Type: ${fieldValue(contentType)}\r\n` +
            `Trailer: ${ERROR_TYPE}\r\nTrailer: ${ERROR_BODY}\r\nTransfer-Encoding: chunked\r\n\r\n`);
    }

    function end(callback) {
        begin();
        connection.socket.write(`0\r\n${trailers}\r\n`, callback);
        connection.expect().then(resolve);
    }

    class ResponseStream extends Writable {
        setContentType(type) {
            if (begun) throw new InvalidStreamingOperation("Cannot set content-type, too late.");
            contentType = type;
        }

        write(chunk, encoding, callback) {
            const isData = typeof chunk === "string" || chunk instanceof Uint8Array;
            const first = !begun && typeof this._onBeforeFirstWrite === "function";
            begin();
            if (first) this._onBeforeFirstWrite(data => super.write(data));
            return super.write(isData ? chunk : JSON.stringify(chunk), encoding, callback);
        }

        _write(chunk, _, callback) {
            if (chunk.length === 0) return callback(); // an empty chunk would end the body
            begin();
            const size = Buffer.from(`${chunk.length.toString(16)}\r\n`);
            connection.socket.write(Buffer.concat([size, chunk, LINE_END]), callback);
        }

        _final(callback) {
            end(callback);
        }

        _destroy(error, callback) {
            if (!this.writableFinished) reject(error ?? new Error("aborted"));
            callback(); // the error is reported by the handler's result, not by an event without a listener
        }
    }

    const stream = new ResponseStream({ highWaterMark });
    /** Ends the response with an error, which is in its trailers. */
    const fail = async error => {
        if (stream.writableEnded && !stream.destroyed) return finished; // the response is complete
        const description = describe(error);
        const body = Buffer.from(JSON.stringify(description)).toString("base64");
        trailers = `${errorField(description)}${ERROR_BODY}: ${body}\r\n`;
        if (stream.destroyed && !stream.writableFinished) return new Promise(end);
        stream.end();
        await finished;
    };
    return { stream, finished, fail };
}

// --- the handler

function splitHandler(text) {
    if (text.includes("..")) {
        throw new MalformedHandlerName(
            `'${text}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`);
    }
    const name = path.basename(text);
    const [, moduleName, exported] = /^([^.]*)\.(.*)$/.exec(name) ?? [];
    if (exported === undefined) throw new MalformedHandlerName("Bad handler");
    return { folder: text.slice(0, text.indexOf(name)), moduleName, exported };
}

function isModulePackage(folder) {
    const file = path.join(folder, "package.json");
    if (folder.endsWith("/node_modules")) return false;
    if (!fs.existsSync(file)) return folder !== "/" && isModulePackage(path.dirname(folder));
    try {
        return JSON.parse(fs.readFileSync(file))?.type === "module";
    } catch (error) {
        console.warn(`${file} cannot be read, it will be ignored for ES module detection purposes.`, error);
        return false;
    }
}

// Node lists the file that requires a missing module. On AWS it is this one.
const requireModule = nodeModule.createRequire(path.join(__dirname, "index.mjs"));

const requireFile = file => fs.existsSync(file) ? requireModule(file) : undefined;

async function importFile(file) {
    if (!fs.existsSync(file)) return undefined;
    if (importsPackages(file)) searchNodePath();
    return import(file);
}

/** Returns whether the file imports anything but node's own modules. Other files import packages, too. */
function importsPackages(file) {
    if (!fs.statSync(file).isFile()) return false;
    const imports = fs.readFileSync(file, "utf8").matchAll(/\b(?:from|import)\s*\(?\s*(["'])([^"'\n]+)\1/g);
    return [...imports].some(([, , name]) => !nodeModule.isBuiltin(name));
}

/** Resolves a package from the folders of NODE_PATH, if it is not in a folder node_modules of the importing file or above. */
function resolverOf(parents) {
    const isMissing = (specifier, error) => error?.code === "ERR_MODULE_NOT_FOUND" && /^[^./#:][^/:]*(?:$|\/)/.test(specifier);
    const withoutOwnFrames = error => {
        const isOwn = line => /^ +at (?:async )?(?:Object\.)?(?:resolveSync \(|resolve \(data:)/.test(line);
        if (typeof error?.stack === "string") error.stack = error.stack.split("\n").filter(line => !isOwn(line)).join("\n");
        return error;
    };
    return {
        resolveSync(specifier, context, next) {
            try {
                return next(specifier, context);
            } catch (error) {
                for (const parentURL of isMissing(specifier, error) ? parents : []) {
                    try {
                        return next(specifier, { ...context, parentURL });
                    } catch { /* the next folder may have it */ }
                }
                throw withoutOwnFrames(error);
            }
        },
        async resolve(specifier, context, next) {
            try {
                return await next(specifier, context);
            } catch (error) {
                for (const parentURL of isMissing(specifier, error) ? parents : []) {
                    try {
                        return await next(specifier, { ...context, parentURL });
                    } catch { /* the next folder may have it */ }
                }
                throw withoutOwnFrames(error);
            }
        },
    };
}

/** Lets `import` search NODE_PATH, as AWS's node does. The hooks of older versions run on a thread, which takes 30 ms to start. */
function searchNodePath() {
    const parents = (env.NODE_PATH ?? "").split(":").filter(folder => folder.endsWith("/node_modules") && fs.existsSync(folder))
        .map(folder => `file://${encodeURI(path.dirname(folder))}/importer.mjs`);
    if (!parents.length) return;
    if (nodeModule.registerHooks) {
        nodeModule.registerHooks({ resolve: resolverOf(parents).resolveSync });
    } else if (nodeModule.register) {
        const source = `${resolverOf}\nexport const { resolve } = resolverOf(${JSON.stringify(parents)});`;
        nodeModule.register(`data:text/javascript,${encodeURIComponent(source)}`);
    }
}

/** Loads the module of the handler. Files are searched for in the order of AWS, then as node does it. */
async function loadModule(root, { folder, moduleName }) {
    const file = path.resolve(root, folder, moduleName);
    const loads = CALLBACKS ? loadsByKind(file) : ["", ".js", ".mjs", ".cjs"].map(end => () => importFile(file + end));
    for (const load of loads) {
        const loaded = await load();
        if (loaded) return loaded;
    }
    const paths = [root, CALLBACKS ? folder : path.join(root, folder)];
    return requireModule(requireModule.resolve(moduleName, { paths }));
}

function loadsByKind(file) {
    const isModule = fs.existsSync(file + ".js") && isModulePackage(path.dirname(file));
    return [
        () => requireFile(file),
        () => isModule ? importFile(file + ".js") : requireFile(file + ".js"),
        () => importFile(file + ".mjs"),
        () => requireFile(file + ".cjs"),
    ];
}

async function loadModuleOrFail(root, parts) {
    try {
        return await loadModule(root, parts);
    } catch (error) {
        if (error instanceof SyntaxError) {
            const failure = new UserCodeSyntaxError(String(error));
            if (!CALLBACKS) failure.stack = error.stack;
            throw failure;
        }
        throw error?.code === "MODULE_NOT_FOUND" ? new ImportModuleError(String(error)) : error;
    }
}

function exportedValue(loaded, exported) {
    const hasMembers = CALLBACKS ? Boolean : value => value !== null && typeof value === "object";
    const find = from => exported.split(".").reduce((value, key) => hasMembers(value) ? value[key] : undefined, from);
    const found = find(loaded);
    return found || CALLBACKS || !hasMembers(loaded) ? found : find(loaded.default);
}

/** Returns whether the handler streams its response. */
function streams(handler) {
    const mode = handler[HANDLER_STREAMING];
    if (mode === undefined || mode === null || mode === false || (!CALLBACKS && !mode)) return false;
    if (mode !== "response") throw new MalformedStreamingHandler("Only response streaming is supported.");
    return true;
}

async function loadHandler(root, text) {
    const parts = splitHandler(text);
    const handler = exportedValue(await loadModuleOrFail(root, parts), parts.exported);
    if (!handler) throw new HandlerNotFound(`${text} is undefined or not exported`);
    if (typeof handler !== "function") throw new HandlerNotFound(`${text} is not a function`);
    const streaming = streams(handler);
    if (!CALLBACKS && handler.length >= 3 && !streaming) {
        throw new CallbackHandlerDeprecated(
            "ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You " +
            "need to modify this function to use a supported handler signature to use Node.js 24 or later. For more " +
            "information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.");
    }
    return { handler, streaming, highWaterMark: parseInt(handler[HANDLER_HIGH_WATER_MARK], 10) || undefined };
}

// --- the context of an event

function jsonField(fields, field, name) {
    const text = fields[field];
    if (!text) return undefined;
    try {
        return JSON.parse(text);
    } catch (error) {
        throw new Error(`Cannot parse ${name} as json: ${error}`);
    }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
function contextOf(fields) {
    const deadline = Number(fields["lambda-runtime-deadline-ms"]);
    const traceId = fields["lambda-runtime-trace-id"];
    if (traceId) env._X_AMZN_TRACE_ID = traceId;
    else delete env._X_AMZN_TRACE_ID;
    const functionVersion = env.AWS_LAMBDA_FUNCTION_VERSION;
    const environment = {
        ...(CALLBACKS && { functionVersion }),
        functionName: env.AWS_LAMBDA_FUNCTION_NAME,
        functionVersion,
        memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
        logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
        logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    };
    const event = {
        clientContext: jsonField(fields, "lambda-runtime-client-context", "ClientContext"),
        identity: jsonField(fields, "lambda-runtime-cognito-identity", "CognitoIdentity"),
        invokedFunctionArn: fields["lambda-runtime-invoked-function-arn"],
        awsRequestId: fields["lambda-runtime-aws-request-id"],
        tenantId: fields["lambda-runtime-aws-tenant-id"],
        ...(!CALLBACKS && { xRayTraceId: traceId }),
        getRemainingTimeInMillis: () => deadline - Date.now(),
    };
    return CALLBACKS ? { ...environment, ...event } : { ...event, ...environment };
}

const isPromise = value => Boolean(value) && typeof value.then === "function";
const turn = () => new Promise(resolve => setImmediate(resolve)); // of the event loop

/** Calls a handler that streams, and waits until its response was sent. Returns false if it failed. */
async function runStreaming(api, id, highWaterMark, call) {
    const response = responseStream(api, id, highWaterMark);
    api.stream = response;
    api.connection.socket.ref(); // as on AWS, an open stream keeps the process alive
    try {
        const result = call(response.stream);
        const message = "Streaming does not support non-async handlers.";
        if (!isPromise(result)) throw CALLBACKS ? message : new Error(message);
        if (await result !== undefined) console.warn("Streaming handlers ignore return values.");
        await response.finished;
        return true;
    } catch (error) {
        if (!CALLBACKS) await turn();
        logError("Invoke Error", error);
        await response.fail(error);
        return false;
    } finally {
        api.connection.socket.unref();
        api.stream = null;
        api.eventId = undefined;
    }
}

// --- up to nodejs22.x: callbacks, and the wait for an empty event loop

const REPORTED_TWICE =
    "Invocation has already been reported as done. Cannot call complete more than once per invocation.";
let onEmptyLoop = () => {};

/** Returns the callback of an event and the members of its context that end it. The first call ends the event. */
function endsOf(api, id, next) {
    let waits = true, ended = false, reported = false;
    const once = end => (...values) => {
        if (ended) return;
        end(...values); // may throw; then another call may end the event
        ended = true;
    };
    const fail = error => {
        logError("Invoke Error", error);
        if (api.fail(id, error)) next();
    };
    const succeed = result => {
        if (reported) return console.error(REPORTED_TWICE);
        reported = true;
        if (api.succeed(id, result)) next();
    };
    const isFailure = error => error !== undefined && error !== null;
    const done = (error, result) => {
        onEmptyLoop = () => {};
        if (isFailure(error)) fail(error);
        else succeed(result);
    };
    const callback = (error, result) => {
        if (isFailure(error) || !waits) return done(error, result);
        onEmptyLoop = () => setImmediate(() => succeed(result));
    };
    onEmptyLoop = () => { // neither a promise nor a call of the callback
        reported = true;
        if (api.succeed(id, null)) next();
    };
    return {
        callback: once(callback),
        members: {
            get callbackWaitsForEmptyEventLoop() { return waits; },
            set callbackWaitsForEmptyEventLoop(value) { waits = value; },
            succeed: once(result => done(null, result)),
            fail: once(error => done(error ?? "handled")),
            done: once(done),
        },
    };
}

/** Sets the values that log records contain. Returns the id of the event. */
function beginLog(fields) {
    globalThis[TENANT_ID] = fields["lambda-runtime-aws-tenant-id"];
    return (globalThis[REQUEST_ID] = fields["lambda-runtime-aws-request-id"]);
}

/** The runtime up to nodejs22.x. The handler is one of its methods, as on AWS: traces contain the name of the class. */
class Runtime {
    constructor(api, { handler, streaming, highWaterMark }) {
        Object.assign(this, { api, handler, highWaterMark });
        const handle = streaming ? () => this.handleOnceStreaming() : () => this.handleOnceNonStreaming();
        this.scheduleIteration = () => void setImmediate(handle);
    }

    async handleOnceNonStreaming() {
        const { body, fields } = await this.api.nextEvent();
        const id = beginLog(fields);
        const { callback, members } = endsOf(this.api, id, this.scheduleIteration);
        try {
            const result = this.handler(JSON.parse(body), Object.assign(members, contextOf(fields)), callback);
            if (isPromise(result)) result.then(members.succeed, members.fail).catch(members.fail);
        } catch (error) {
            callback(error);
        }
    }

    async handleOnceStreaming() {
        const { body, fields } = await this.api.nextEvent();
        const context = { callbackWaitsForEmptyEventLoop: true };
        const sent = await runStreaming(this.api, beginLog(fields), this.highWaterMark, stream =>
            this.handler(JSON.parse(body), stream, Object.assign(context, contextOf(fields))));
        if (!sent || !context.callbackWaitsForEmptyEventLoop) return this.scheduleIteration();
        onEmptyLoop = () => {
            onEmptyLoop = () => {};
            this.scheduleIteration();
        };
    }
}

async function endProcess(api, title, error, status) {
    logError(title, error);
    await api.failProcess(error);
    process.exit(status);
}

async function runWithCallbacks(api, root) {
    process.on("uncaughtException", error => endProcess(api, "Uncaught Exception", error, 129));
    process.on("unhandledRejection", (reason, promise) => {
        const error = Object.assign(new UnhandledPromiseRejection(reason), { reason, promise });
        return endProcess(api, "Unhandled Promise Rejection", error, 128);
    });
    process.on("beforeExit", () => onEmptyLoop());
    try {
        new Runtime(api, await loadHandler(root, env._HANDLER)).scheduleIteration();
    } catch (error) {
        await endProcess(api, "Uncaught Exception", error, 129);
    }
}

// --- from nodejs24.x: async handlers

/** Runs handlers that return their result. The handler is a method for the same reason as in Runtime. */
class BufferedInvokeProcessor {
    constructor(api, { handler }) {
        Object.assign(this, { api, handler });
    }

    async processInvoke(context, event) {
        const id = context.awsRequestId;
        try {
            const result = await this.handler(event, context);
            await turn();
            this.api.succeed(id, result);
        } catch (error) {
            await turn();
            logError("Invoke Error", error);
            this.api.fail(id, error);
        }
    }
}

class StreamingInvokeProcessor {
    constructor(api, { handler, highWaterMark }) {
        Object.assign(this, { api, handler, highWaterMark });
    }

    async processInvoke(context, event) {
        const call = stream => this.handler(event, stream, context);
        await runStreaming(this.api, context.awsRequestId, this.highWaterMark, call);
    }
}

async function runWithoutCallbacks(api, root) {
    let processor;
    try {
        const loaded = await loadHandler(root, env._HANDLER);
        processor = new (loaded.streaming ? StreamingInvokeProcessor : BufferedInvokeProcessor)(api, loaded);
    } catch (error) {
        return endProcess(api, "Init Error", error, 1);
    }
    while (true) {
        const { body, fields } = await api.nextEvent();
        const context = contextOf(fields);
        const values = {
            [REQUEST_ID]: context.awsRequestId, [TRACE_ID]: context.xRayTraceId, [TENANT_ID]: context.tenantId };
        await invokeStore.run(values, () => processor.processInvoke(context, JSON.parse(body)));
    }
}

// --- start

if (!["1", "true"].includes(env.AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA))
    globalThis.awslambda = { ...(!CALLBACKS && { InvokeStore: invokeStore }), streamifyResponse, HttpResponseStream };
replaceConsole();
const root = env.LAMBDA_TASK_ROOT ?? "/var/task";
const api = new RuntimeApi(env.AWS_LAMBDA_RUNTIME_API);
if (CALLBACKS) runWithCallbacks(api, root);
else runWithoutCallbacks(api, root);

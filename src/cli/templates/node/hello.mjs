/** {"name": "Ada"} -> {"greeting": "Hello, Ada!"} */
export const handler = async (event, context) => {
    const name = event.name ?? "world";
    console.log("greeting", name, "in request", context.awsRequestId); // goes to the function's log
    return { greeting: `Hello, ${name}!` };
};

// Hands everything on to a server and adds a token, for programs that have no way to send one.
// Usage: node with-token.mjs PORT SERVER_PORT, with the token in AUTH_TOKEN.
import http from "node:http";

const [port, server] = process.argv.slice(2).map(Number);
const authorization = `Bearer ${process.env.AUTH_TOKEN}`;

http.createServer((asked, answer) => {
    const headers = { ...asked.headers, authorization };
    const options = { host: "127.0.0.1", port: server, method: asked.method, path: asked.url, headers };
    const passed = http.request(options, (got) => {
        answer.writeHead(got.statusCode, got.headers);
        got.pipe(answer);
    });
    passed.on("error", () => answer.destroy());
    // Whoever hangs up here hangs up there.
    answer.on("close", () => passed.destroy());
    asked.pipe(passed);
}).listen(port, "127.0.0.1", () => console.log(`with a token on ${port}`));

// Two hosts with Node programs; the first argument says what they do (test/lab/http.test.ts).
import http from 'node:http';
import { nodeNet } from 'tsprobe';

const deeds = {
  /** A large body there, and its length back. */
  post(client, server, lab) {
    const answers = http.createServer((request, response) => {
      let length = 0;
      request.on('data', (piece) => (length += piece.length));
      request.on('end', () => response.end(String(length)));
    });
    server.createServer((socket) => answers.emit('connection', socket)).listen(80);
    const options = { host: '10.0.0.2', method: 'POST', createConnection: client.createConnection };
    const request = http.request(options, (response) => {
      response.on('data', (piece) => client.process.stdout(`${piece}\n`));
      response.on('end', () => client.process.stdout(lab.now < 30e9 ? 'in time\n' : 'late\n'));
    });
    request.end(Buffer.alloc(300_000, 'x'));
  },
  /** Two requests over one connection. */
  agent(client, server) {
    const ports = [];
    const answers = http.createServer((request, response) => {
      ports.push(request.socket.remotePort);
      response.end(`${request.url} ${new Set(ports).size}\n`);
    });
    server.createServer((socket) => answers.emit('connection', socket)).listen(80);
    const agent = new http.Agent({ keepAlive: true });
    agent.createConnection = client.createConnection;
    const get = (path, then) =>
      http.get({ host: '10.0.0.2', path, agent }, (response) => {
        response.on('data', (piece) => client.process.stdout(String(piece)));
        response.on('end', () => setImmediate(then));
      });
    get('/one', () => get('/two', () => agent.destroy()));
  },
  /** Nobody listens. */
  refused(client) {
    client
      .connect({ host: '10.0.0.2', port: 81 })
      .on('error', (error) => client.process.stdout(`${error.code} ${error.message}\n`));
  },
  /** A server that says nothing. */
  timeout(client, server, lab) {
    const listener = server.createServer((socket) => {
      socket.on('close', () => client.process.stdout('closed\n'));
      socket.resume();
      listener.close(() => client.process.stdout('no more\n'));
    });
    listener.listen(7, () => {
      const socket = client.connect({ host: '10.0.0.2', port: 7 }).resume();
      socket.setTimeout(2000, () => {
        client.process.stdout(`${Math.floor(lab.now / 1e9)} s\n`);
        socket.end();
      });
    });
    lab.awaitProcess(lab.host('A').spawn('ping', ['-q', '-c', '4', '10.0.0.2']));
  },
};

export const scenario = {
  name: 'node-net',
  summary: '',
  options: '',
  start(lab, [deed]) {
    const [A, B] = ['A', 'B'].map((name) => lab.addHost(name));
    lab.connect({ host: A, device: 'eth0' }, { host: B, device: 'eth0' }, 'delay 5ms');
    A.sh('ip link set lo up; ip address add 10.0.0.1/24 brd + dev eth0; ip link set eth0 up');
    B.sh('ip link set lo up; ip address add 10.0.0.2/24 brd + dev eth0; ip link set eth0 up');
    deeds[deed](nodeNet(A), nodeNet(B), lab);
  },
};

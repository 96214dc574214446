// JsSIP as a phone of the live tests: one JSON command a line in, one JSON event a line out.
//
// Node has no WebRTC, so what a browser calls RTCPeerConnection is played here: it offers and
// answers the session description that the test gives. Signalling is all JsSIP's.

'use strict';

const readline = require('readline');
const Socket = require('ws');

const settings = JSON.parse(process.argv[2]);
const tell = (type, data = {}) => process.stdout.write(JSON.stringify({ type, ...data }) + '\n');

// With `haste` its clock runs so many times as fast, and half a session timer is over in seconds.
if (settings.haste) {
  const { setTimeout: slow, setInterval: slowly } = global;
  global.setTimeout = (act, wait, ...more) => slow(act, wait / settings.haste, ...more);
  global.setInterval = (act, wait, ...more) => slowly(act, wait / settings.haste, ...more);
}

// A browser names the page that the script came from.
global.WebSocket = class extends Socket {
  constructor(url, protocols) {
    super(url, protocols, settings.origin ? { origin: settings.origin } : {});
    global.socket = this;
    this.on('unexpected-response', (_, response) => tell('refused', { status: response.statusCode }));
    this.on('ping', () => tell('ping'));
  }

  send(data, ...more) {
    const [, method] = /^([A-Z]+) sips?:/.exec(String(data)) || [];
    if (method) tell('request', { method, text: String(data) });
    const [, status] = /^SIP\/2\.0 (\d+) /.exec(String(data)) || [];
    if (status) tell('response', { status: Number(status) });
    super.send(data, ...more);
  }
};

const stream = { getTracks: () => [], getAudioTracks: () => [], getVideoTracks: () => [] };

global.RTCPeerConnection = class {
  constructor() {
    this.iceGatheringState = 'complete';
    this.iceConnectionState = 'new';
    this.connectionState = 'new';
    this.signalingState = 'stable';
    this.localDescription = null;
  }
  addEventListener() {}
  removeEventListener() {}
  addTrack() {}
  addStream() {}
  addTransceiver() {}
  getSenders() { return []; }
  getReceivers() { return []; }
  getTransceivers() { return []; }
  createOffer() { return Promise.resolve({ type: 'offer', sdp: settings.sdp }); }
  createAnswer() { return Promise.resolve({ type: 'answer', sdp: settings.sdp }); }
  setLocalDescription(description) { this.localDescription = description; return Promise.resolve(); }
  setRemoteDescription(description) {
    this.remoteDescription = description;
    tell('remote', { sdp: description.sdp });
    return Promise.resolve();
  }
  close() { this.signalingState = 'closed'; }
};
global.RTCSessionDescription = class {
  constructor(description) { Object.assign(this, description); }
};

global.window = global;

const JsSIP = require('jssip');

const phone = new JsSIP.UA({
  sockets: [new JsSIP.WebSocketInterface(settings.url)],
  uri: settings.uri,
  authorization_user: settings.user,
  password: settings.password,
  register: false,
  register_expires: settings.expires || 120,
  instance_id: settings.instance,
  use_preloaded_route: false,
  session_timers_force_refresher: Boolean(settings.haste),
  connection_recovery_min_interval: 1,
  connection_recovery_max_interval: 2,
  user_agent: 'JsSIP of a test',
});

// All of this phone's calls, oldest first; commands without a number mean the last one.
const sessions = [];
const at = (index) => (index === undefined ? sessions[sessions.length - 1] : sessions[index]);
let subscriber = null;

phone.on('connected', () => tell('connected'));
phone.on('disconnected', () => tell('disconnected'));
phone.on('registered', (event) => tell('registered', {
  contact: event.response.getHeader('Contact'),
  flowTimer: event.response.getHeader('Flow-Timer'),
}));
phone.on('unregistered', () => tell('unregistered'));
phone.on('registrationFailed', (event) => tell('registrationFailed', {
  status: event.response ? event.response.status_code : 0, cause: event.cause,
}));
phone.on('newMessage', (event) => {
  if (event.originator === 'remote') {
    tell('message', { from: event.request.from.uri.user, text: event.request.body });
  }
});
phone.on('newRTCSession', (event) => {
  const session = event.session;
  sessions.push(session);
  session.on('progress', (it) => tell('progress', { status: it.response ? it.response.status_code : 0 }));
  session.on('accepted', () => tell('accepted'));
  session.on('confirmed', () => tell('confirmed'));
  session.on('hold', (it) => tell('hold', { by: it.originator }));
  session.on('unhold', (it) => tell('unhold', { by: it.originator }));
  session.on('update', (it) => tell('update', { session: it.request.getHeader('Session-Expires') }));
  session.on('ended', (it) => tell('ended', { by: it.originator, cause: it.cause }));
  session.on('failed', (it) => tell('failed', {
    by: it.originator,
    cause: it.cause,
    status: it.message && it.message.status_code ? it.message.status_code : 0,
    warning: it.message && it.message.getHeader ? it.message.getHeader('Warning') : null,
    reason: it.message && it.message.getHeader ? it.message.getHeader('Reason') : null,
  }));
  if (event.originator === 'remote') {
    tell('ringing', { from: session.remote_identity.uri.user });
  }
});

const plain = { mediaStream: stream, mediaConstraints: { audio: false, video: false } };
const commands = {
  start() { phone.start(); },
  register() { phone.register(); },
  unregister() { phone.unregister({ all: true }); },
  message({ target, text }) {
    phone.sendMessage(target, text, {
      eventHandlers: {
        succeeded: (it) => tell('sent', { status: it.response.status_code }),
        failed: (it) => tell('sent', { status: it.response ? it.response.status_code : 0 }),
      },
    });
  },
  options({ target }) {
    phone.sendOptions(target, null, {
      eventHandlers: {
        succeeded: (it) => tell('options', { status: it.response.status_code }),
        failed: (it) => tell('options', { status: it.response ? it.response.status_code : 0 }),
      },
    });
  },
  subscribe({ target, event, accept }) {
    subscriber = phone.subscribe(target, event, accept, { expires: 300 });
    subscriber.on('notify', (_, request, body) => tell('notify', { body }));
    subscriber.on('terminated', (code) => tell('unsubscribed', { code }));
    subscriber.subscribe();
  },
  unsubscribe() { subscriber.terminate(); },
  call({ target, headers }) { phone.call(target, { ...plain, extraHeaders: headers }); },
  answer({ index }) { at(index).answer(plain); },
  reject({ status }) { at().terminate({ status_code: status }); },
  hangUp({ index }) { at(index).terminate(); },
  hold({ index }) { at(index).hold({}, () => tell('held')); },
  resume({ index }) { at(index).unhold({}, () => tell('resumed')); },
  // Blind, or, with `joins`, attended: the other call's dialog is named by Replaces.
  refer({ index, target, joins }) {
    at(index).refer(target, {
      replaces: joins === undefined ? undefined : at(joins),
      eventHandlers: {
        requestSucceeded: () => tell('referTaken'),
        requestFailed: (it) => tell('referRefused', { status: it.response.status_code }),
        accepted: (it) => tell('referDone', { status: it.status_line.status_code }),
        failed: (it) => tell('referFailed', { status: it.status_line.status_code }),
      },
    });
  },
  update({ index }) {
    at(index).sendRequest('UPDATE', { eventHandlers: {
      onSuccessResponse: (response) => tell('updated', { status: response.status_code }),
      onErrorResponse: (response) => tell('updated', { status: response.status_code }),
      onRequestTimeout: () => tell('updated', { status: 0 }),
      onTransportError: () => tell('updated', { status: 0 }),
      onDialogError: () => tell('updated', { status: 0 }),
    } });
  },
  drop() { global.socket.terminate(); },
  crlf() { global.socket.send('\r\n\r\n'); },
  quit() { phone.stop(); setTimeout(() => process.exit(0), 500); },
};

process.on('uncaughtException', (error) => {
  tell('error', { text: String(error && error.stack) });
  process.exit(1);
});
readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const { command, ...details } = JSON.parse(line);
  commands[command](details);
}).on('close', () => process.exit(0));
tell('ready');

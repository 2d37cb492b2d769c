/**
 * Every word of the interface in English. The keys are the vocabulary that the screens may use;
 * `ru.ts` is held to the same keys by its type and by a test.
 */
import { browsers } from './browsers.ts';
import { doorstep } from './doorstep.ts';
import { files } from './files.ts';
import { pictures } from './pictures.ts';
import { recorded } from './recorded.ts';
import { scanning } from './scanning.ts';
import { talk } from './talk.ts';

export const en = {
  ...doorstep.en,
  settings: {
    title: 'Settings',
    close: 'Close the settings',
  },
  notices: {
    ...doorstep.en.notices,
    label: 'Tell me while I look elsewhere',
    off: 'A notice of your system says that somebody knocks or has written: neither who nor what.',
    on: 'A notice of your system says that somebody knocks or has written: neither who nor what.',
    refused:
      'Your browser does not let this page make notices. You can allow it in the settings of the browser for this page.',
    unsupported: 'This browser cannot make notices.',
  },
  devices: {
    title: 'Devices that are signed in',
    asking: 'Asking the server …',
    count_one: '{{count}} device is signed in',
    count_other: '{{count}} devices are signed in',
    on: '{{browser}} on {{system}}',
    unknown: 'A device without a name',
    this: 'This device',
    used: 'Last used: {{at}}',
    from: 'From the address {{address}}',
    end: 'Sign out',
    endOf: 'Sign out: {{name}}',
  },
  outdated: browsers.en.outdated,
  support: browsers.en.support,
  account: {
    ...doorstep.en.account,
    signOut: 'Sign out',
    signOutTitle: 'Sign out?',
    signOutWarning: 'Your conversation with {{name}} ends and its messages vanish for both of you.',
    stay: 'Stay',
    wrongPassword: 'The password is wrong.',
    oldPassword: 'Present password',
    newPassword: 'New password',
    changeTitle: 'Change the password',
    changeMeans:
      'Every other device is signed out. A key that you saved in a file before still opens with the old password.',
    change: 'Change the password',
    changing: 'Changing …',
    forgetTitle: 'Forget this device',
    forgetMeans:
      'You are signed out, and this browser keeps nothing of your account: your key, the keys of people you know and whom you verified, the people you blocked, and your choices here. The account itself stays.',
    forgetKey:
      'Your key is in this browser. Without a copy in a file, or on another device, you will need a new one, and everybody will have to compare it with you again.',
    forget: 'Sign out and forget everything here',
    deleteTitle: 'Delete the account',
    deleteMeans:
      'The account {{name}} is removed for good, with its key and on every device; a conversation ends at once. People can find you no more, and anybody may take the name. Nobody can bring it back.',
    delete: 'Delete the account for good',
    done: {
      endDevice: 'The device is signed out.',
      changePassword: 'The password is changed, and every other device is signed out.',
      deleteAccount: 'The account is removed.',
    },
  },
  people: {
    title: 'Find somebody',
    label: 'Search by username',
    hint: 'Type at least two characters of a username.',
    searching: 'Searching …',
    found_one: '{{count}} person found',
    found_other: '{{count}} people found',
    none: 'Nobody is called “{{query}}”.',
    clear: 'Clear the search',
    talkTo: 'Talk to {{name}}',
    openNow: 'Conversation is open',
    you: 'You',
    keyFirst: 'To talk to somebody, you need a key in this browser first.',
    recent: 'Talked to lately',
    recentMeans: 'Only names, and only in this browser; signing out forgets them.',
    clearRecent: 'Clear',
    clearRecentLabel: 'Clear the people talked to lately',
    verified: 'You have compared the key',
    here: 'Here now',
    away: 'Not here now',
    isBlocked: 'Blocked',
    block: 'Block',
    blockOf: 'Block {{name}}',
    blockTitle: 'Block {{name}}?',
    blockMeans:
      'You hear nothing of {{name}} any more, in this browser: neither knocks nor words. {{name}} is not told, and sees only that nobody answers. A conversation with {{name}} ends now. You can undo it in the settings.',
    notBlock: 'Do not block',
    blocked: 'Blocked people',
    nobodyBlocked: 'Nobody is blocked in this browser.',
    blockedMeans: 'Nothing that they say reaches you in this browser, and they are not told.',
    unblock: 'Unblock',
    unblockOf: 'Unblock {{name}}',
  },
  incoming: {
    title: 'People who want to talk',
    wants: '{{name}} wants to talk with you',
    ends: 'Accepting ends your conversation with {{name}}.',
    accept: 'Accept',
    acceptFrom: 'Accept {{name}}',
    decline: 'Decline',
    declineFrom: 'Decline {{name}}',
  },
  link: {
    connecting: 'Connecting …',
    reconnecting: 'The connection is lost. Trying again by itself.',
    nextTry_one: 'Next try in {{count}} second',
    nextTry_other: 'Next try in {{count}} seconds',
    superseded: 'You opened the chat elsewhere.',
    useHere: 'Use here',
  },
  key: {
    own: 'Your key',
    ownOf: 'Your key, {{name}}',
    fingerprint: 'Fingerprint',
    yourFingerprint: 'Your fingerprint',
    fingerprintOf: 'Fingerprint of {{name}}',
    computedByBrowser: 'All of the cryptography is computed by this browser itself.',
    computedByLibrary:
      'This browser lacks some of the cryptography; it is computed by a library of this app: {{names}}.',
    computedHere: 'Computed in this browser from the key itself, not told by the server.',
    noticed:
      'Frames refused in this conversation: {{noticed}}; of these, forged or changed: {{unopened}}.',
    ownExplained:
      'Read it to the other person over the phone or side by side. If both of you see the same groups, nobody sits between you.',
    notVerified: 'Not verified',
    firstUse: 'First conversation with this key in this browser.',
    known: 'The same key as in your earlier conversations.',
    verified: 'You have compared this key.',
    verifiedMark: 'Verified',
    confirm: 'I compared it with {{name}}: it is the same',
    shortCode: 'Code of this conversation',
    shortCodeMeans:
      'Compare the words, or the digits, with {{name}} over the phone or side by side. Both of you must see the same.',
    history: 'What became of this key',
    change: {
      pinned: 'first seen',
      accepted: 'changed key accepted',
      verified: 'verified',
      imported: 'verified in another browser',
    },
    compare:
      'Ask {{name}} to read this fingerprint to you, over the phone or side by side. If a single group differs, do not go on.',
    missingTitle: 'You have no key yet',
    missing:
      'Your account was made without an identity key. Make one in this browser, under your password, to be able to talk.',
    publish: 'Make and publish a key',
    publishing: 'Publishing …',
    elsewhereTitle: 'Your key is not in this browser',
    elsewhere:
      'Your identity key was made on another device. Bring it here in a file, talk from that device, or replace it with a new key.',
    lostTitle: 'Your key is lost here',
    lost: 'Your key was in this browser, and the browser has cleared its storage. If you saved the key in a file, take it from there. Otherwise replace it with a new key; everybody will have to compare it with you again.',
    lockedTitle: 'Your key is locked',
    locked:
      'This browser cannot hold a key by itself, so your key is sealed under your password. Give the password to open it until the page is closed.',
    replace: 'Replace it with a new key',
    replaceTitle: 'Replace your key?',
    replaceWarning:
      'Everybody who talked to you before is warned that your key changed and has to accept the new one. The other device cannot talk any more.',
    keep: 'Keep the old key',
    signInAgain: 'Sign out, to sign in with the password again',
  },
  scan: scanning.en,
  keyWork: {
    unlock: 'Open the key',
    unlocking: 'Opening …',
    chooseFile: 'Choose a file',
    noFile: 'None chosen',
    keyFile: 'A file with this key, saved from another browser',
    importKey: 'Take the key from the file',
    importing: 'Reading …',
    carry: 'To another browser',
    exportKey: 'Make a file of my key',
    exportKeyMeans:
      'The file is sealed under the password of your account. Whoever has both can speak as you: keep it where only you can reach it.',
    noCopyMeans:
      'This key was made in such a way that it can never leave this browser. To carry a key to another one, replace it there.',
    peersMean:
      'The people whose keys you have compared can be carried over as well, in a file under a password of your choice.',
    exportPeers: 'Make a file of verified people',
    peersFile: 'A file of verified people',
    importPeers: 'Take verified people from the file',
    fileReady: 'The file is ready.',
    save: 'Save {{name}}',
    peersTaken: 'Verified from the file: {{taken}}. Already verified here: {{same}}.',
    conflicts_one:
      '{{count}} person has another key here than in the file. Nothing was changed; compare it with them.',
    conflicts_other:
      '{{count}} people have another key here than in the file. Nothing was changed; compare with them.',
    why: {
      wrongPassword: 'It does not open with this password.',
      malformed: 'This is no file of this chat, or it is damaged.',
      otherAccount: 'This file is of another account.',
      otherKey: 'The key in this file is not the one of your account any more.',
      noCopy: 'There is no copy of this key that a file could carry.',
      unreachable: 'The server cannot be reached. Check your connection.',
      broken: 'The storage or the cryptography of this browser failed. Load the page again.',
    },
  },
  conversation: {
    with: 'Conversation with {{name}}',
    none: 'Nobody is here yet',
    noneHint:
      'Find somebody by name and knock. When both of you are here, a channel opens that only the two of you can read. It lasts as long as you both stay.',
    establishing: 'Establishing a secure channel\u00a0…',
    establishingHint: 'Looking up the key of {{name}} and knocking.',
    waiting: 'Waiting for {{name}} …',
    waitingHint: 'It rang. {{name}} has up to a minute to accept.',
    secure: 'Secure',
    reconnecting: 'Reconnecting …',
    secureHint:
      'Only you and {{name}} can read this. Nothing is stored; when either of you leaves, it is gone.',
    peerOffline: '{{name}} is offline',
    peerOfflineHint:
      'Both of you must be here. It rings again by itself when {{name}} opens the chat.',
    blocked: 'The key of {{name}} has changed',
    blockedHint:
      'It may be a new device, or somebody may be pretending to be {{name}}. Nothing is said until you accept the new key. Compare it first, over the phone or side by side.',
    blockedVerified:
      'You had compared the key that you know with {{name}}. So this is either a new key of {{name}}, which they can tell you, or an attack.',
    pinnedKey: 'The key you know',
    offeredKey: 'The key offered now',
    acceptKey: 'Accept the new key',
    wiped: 'The messages are gone, here and there.',
    retry: 'Try again',
    cancel: 'Cancel',
    close: 'Close',
    leave: 'Leave',
    leaveTitle: 'Leave the conversation?',
    leaveWarning: 'The messages vanish for you and for {{name}}.',
    back: 'Stay',
    fingerprints: 'Fingerprints',
  },
  ended: {
    left: '{{name}} left',
    leftHint: '{{name}} said goodbye and ended the conversation.',
    cutOff: 'Disconnected',
    cutOffHint: 'The connection to {{name}} broke without a goodbye and did not come back.',
    unconfirmed_one: '{{count}} of your messages may not have arrived.',
    unconfirmed_other: '{{count}} of your messages may not have arrived.',
    declined: '{{name}} declined',
    declinedHint: '{{name}} does not want to talk at the moment.',
    timeout: 'No answer',
    timeoutHint: '{{name}} did not answer in time.',
    failed: 'No secure channel',
    failedHint:
      'The two browsers could not agree on keys, so nothing was said. Try again; if it happens again, somebody may be interfering.',
    differs: 'Another client',
    differsHint: '{{name}} uses a client that speaks another protocol.',
    keyMissing: '{{name}} has no key',
    keyMissingHint: '{{name}} has not published a usable key yet and cannot be talked to.',
  },
  ...talk.en,
  recording: recorded.en.recording,
  playing: recorded.en.playing,
  files: files.en,
  primitives: {
    sha256: 'SHA-256',
    hmac: 'HMAC',
    aead: 'AES-GCM',
    x25519: 'X25519',
    mlKem: 'ML-KEM-768',
    ed25519: 'Ed25519',
  },
  pictures: pictures.en,
} as const;

/** The words for comparing keys by a code that one screen shows and the other reads. */
const en = {
  title: 'Side by side: scan a code',
  means:
    'Open this place on both screens. One of you shows the code, the other scans it: a single scan checks both keys.',
  code: 'Code with the fingerprints of you and {{name}}',
  start: 'Scan the code of {{name}}',
  aim: 'Point the camera at the code on the screen of {{name}}. What it sees stays in this page.',
  view: 'What the camera sees',
  stop: 'Stop the camera',
  picture: 'Read a picture of the code',
  found: {
    same: 'The codes agree: nobody sits between you, and the key of {{name}} is verified.',
    otherPeople:
      'This is the code of another conversation. Nothing was compared: scan the one on the screen of {{name}}.',
    unreadable: 'This is no code of this chat. Nothing was compared.',
  },
  failed: {
    refused:
      'This page may not use the camera. Allow it in the settings of the browser for this page, or read a picture of the code.',
    none: 'No camera was found. Read a picture of the code, or compare the words above.',
    busy: 'The camera does not answer; another program may be using it. Close that, or read a picture of the code.',
    unsupported:
      'This browser offers this page no camera. Read a picture of the code, or compare the words above.',
    noCode: 'No code was found in this picture.',
    notLoaded: 'This part of the page did not load. Check your connection and try again.',
  },
  differs: 'The keys do not match. Do not go on.',
  differsMark: 'Keys do not match',
  differsAbout: {
    me: 'On the screen of {{name}} your key is another one than here. Somebody may sit between you and read everything.',
    peer: 'The screen of {{name}} shows another key of {{name}} than this browser was offered. Somebody may be pretending to be {{name}}.',
    both: 'On the screen of {{name}} both keys are other ones than here. Somebody may sit between you and read everything.',
  },
  end: 'End the conversation',
} as const;

const ru = {
  title: 'Рядом: считать код',
  means:
    'Откройте это место на обоих экранах. Один показывает код, другой считывает: одного раза хватает, чтобы проверить оба ключа.',
  code: 'Код с отпечатками: ваш и {{name}}',
  start: 'Считать код с экрана: {{name}}',
  aim: 'Наведите камеру на код на экране собеседника ({{name}}). То, что она видит, остаётся на этой странице.',
  view: 'Что видит камера',
  stop: 'Выключить камеру',
  picture: 'Взять код с картинки',
  found: {
    same: 'Коды совпадают: между вами никого нет, ключ собеседника ({{name}}) проверен.',
    otherPeople:
      'Это код другого разговора. Ничего не сверено: считайте тот, что на экране собеседника ({{name}}).',
    unreadable: 'Это не код этого чата. Ничего не сверено.',
  },
  failed: {
    refused:
      'Этой странице нельзя пользоваться камерой. Разрешите это в настройках браузера для этой страницы или возьмите код с картинки.',
    none: 'Камера не найдена. Возьмите код с картинки или сверьте слова выше.',
    busy: 'Камера не отвечает; возможно, её заняла другая программа. Закройте её или возьмите код с картинки.',
    unsupported:
      'Этот браузер не даёт этой странице камеру. Возьмите код с картинки или сверьте слова выше.',
    noCode: 'На этой картинке код не найден.',
    notLoaded: 'Эта часть страницы не загрузилась. Проверьте соединение и попробуйте ещё раз.',
  },
  differs: 'Ключи не совпадают. Не продолжайте.',
  differsMark: 'Ключи не совпадают',
  differsAbout: {
    me: 'На экране собеседника ({{name}}) ваш ключ не тот, что здесь. Возможно, между вами кто-то стоит и читает всё.',
    peer: 'На экране собеседника ({{name}}) другой ключ {{name}}, чем получил этот браузер. Возможно, кто-то выдаёт себя за {{name}}.',
    both: 'На экране собеседника ({{name}}) оба ключа не те, что здесь. Возможно, между вами кто-то стоит и читает всё.',
  },
  end: 'Закончить разговор',
} as const;

export const scanning = { en, ru };

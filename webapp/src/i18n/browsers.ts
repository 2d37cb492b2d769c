/** The words for what a browser lacks, and for a page that has outlived its build. */
import { doorstep } from './doorstep.ts';

const en = {
  outdated: {
    ...doorstep.en.outdated,
    means:
      'This page is of an older version, and a part of it cannot be loaded any more. Load the new one to go on.',
    ends: 'Your conversation with {{name}} ends then, and its messages vanish for both of you.',
    later: 'Later',
  },
  support: {
    title: 'What this browser can do',
    complete: 'This browser has everything that the chat uses.',
    incomplete: 'Some of what the chat uses is missing here.',
    has: 'there',
    lacks: 'missing',
    of: {
      secureContext: 'Secure connection',
      webCrypto: 'Cryptography of the browser',
      storage: 'Storage for your key',
      camera: 'Camera and microphone',
      recording: 'Recording',
      largeFiles: 'Storage for large files',
      notices: 'Notices of the system',
    },
    without: {
      secureContext:
        'Nothing works without it: the browser then gives out neither cryptography nor camera. Open the page with https:// or on localhost.',
      webCrypto:
        'A library of this app computes in its place, more slowly, and your key is asked for with the password each time.',
      storage:
        'Your key and the keys of people you know cannot be kept, so nobody can be talked to.',
      camera:
        'Nothing can be recorded, and a code is read from a picture. Text, files and playing work.',
      recording: 'Voice and video messages cannot be made. Those of others can be played.',
      largeFiles: 'Files of more than 50 MB cannot be received. Smaller ones can.',
      notices:
        'While you look elsewhere, only the title of the page tells that something happened.',
    },
  },
} as const;

const ru = {
  outdated: {
    ...doorstep.ru.outdated,
    means:
      'Эта страница старой версии, и часть её уже не загрузить. Чтобы продолжить, загрузите новую.',
    ends: 'Разговор с собеседником ({{name}}) при этом закончится, а его сообщения исчезнут у вас обоих.',
    later: 'Позже',
  },
  support: {
    title: 'Что умеет этот браузер',
    complete: 'В этом браузере есть всё, чем пользуется чат.',
    incomplete: 'Чего-то из того, чем пользуется чат, здесь нет.',
    has: 'есть',
    lacks: 'нет',
    of: {
      secureContext: 'Защищённое соединение',
      webCrypto: 'Криптография браузера',
      storage: 'Хранилище для вашего ключа',
      camera: 'Камера и микрофон',
      recording: 'Запись',
      largeFiles: 'Хранилище для больших файлов',
      notices: 'Уведомления системы',
    },
    without: {
      secureContext:
        'Без него не работает ничего: браузер не даёт ни криптографии, ни камеры. Откройте страницу через https:// или на localhost.',
      webCrypto:
        'Вместо неё считает библиотека этого приложения, медленнее, а ключ каждый раз открывается паролем.',
      storage: 'Ваш ключ и ключи знакомых негде хранить, поэтому говорить ни с кем нельзя.',
      camera:
        'Записать ничего нельзя, а код берётся с картинки. Текст, файлы и воспроизведение работают.',
      recording: 'Голосовые и видеосообщения не записать. Чужие можно воспроизвести.',
      largeFiles: 'Файлы больше 50 МБ не получить. Меньшие можно.',
      notices: 'Пока вы смотрите в другое место, о новом говорит только заголовок страницы.',
    },
  },
} as const;

export const browsers = { en, ru };

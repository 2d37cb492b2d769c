/**
 * The words around what people record and play, in each language.
 */
const en = {
  recording: {
    record: {
      voice: 'Record a voice message to {{name}}',
      video: 'Record a video message to {{name}}',
    },
    asking: {
      voice: 'Your browser asks whether this page may use the microphone.',
      video: 'Your browser asks whether this page may use camera and microphone.',
    },
    aiming: 'The camera is on. Nothing is recorded yet.',
    running: { voice: 'Speak. You are being recorded.', video: 'You are being recorded.' },
    stopping: 'One moment …',
    stopped: {
      tooLong: 'Five minutes are the most. What you said until now can be sent.',
      tooLarge: 'More cannot be sent at once. What is recorded until now can be.',
      deviceLost: 'The device was taken away. What is recorded until then can be sent.',
      hidden: 'Recording ended when this page was out of sight. What is recorded can be sent.',
    },
    refused: {
      insecureContext:
        'This page was not opened over a secure connection, so the browser lends it no microphone. Writing still works.',
      unsupported: 'This browser cannot record here. Writing still works.',
      denied:
        'The browser does not let this page use the device. Allow it in the settings of the browser for this page, then try again.',
      noMicrophone: 'No microphone is connected to this device.',
      noCamera: 'No camera is connected to this device.',
      inUse: 'Another program uses the device. Close it there, then try again.',
      failed: 'Recording did not work. Nothing was sent.',
      deviceLost: 'The device was taken away before anything was recorded.',
      tooLarge: 'The recording is larger than can be sent. Record a shorter one.',
    },
    length: 'Length',
    filled: 'How much of the room is used',
    preview: 'What your camera sees',
    recorded: 'What you have recorded',
    begin: 'Record',
    switchCamera: 'Other camera',
    send: 'Send',
    discard: 'Discard',
    dismiss: 'Close without sending',
    close: 'Close',
    again: 'Try again',
    notLoaded: 'The recorder did not load. Load the page again when you are done here.',
  },
  playing: {
    play: {
      voice: 'Play the voice message, {{length}}',
      video: 'Play the video message, {{length}}',
    },
    pause: { voice: 'Pause the voice message', video: 'Pause the video message' },
    position: 'Position',
    at: '{{at}} of {{length}}',
    speed: 'Speed: {{speed}}',
    times: '{{speed}}×',
    loading: 'Opening …',
    gone: 'It is not there any more.',
    unplayable: 'This browser cannot play it ({{type}}).',
  },
} as const;

const ru = {
  recording: {
    record: {
      voice: 'Записать голосовое сообщение: {{name}}',
      video: 'Записать видеосообщение: {{name}}',
    },
    asking: {
      voice: 'Браузер спрашивает, можно ли этой странице включить микрофон.',
      video: 'Браузер спрашивает, можно ли этой странице включить камеру и микрофон.',
    },
    aiming: 'Камера включена. Запись ещё не идёт.',
    running: { voice: 'Говорите. Идёт запись.', video: 'Идёт запись.' },
    stopping: 'Минутку …',
    stopped: {
      tooLong: 'Больше пяти минут нельзя. Записанное можно отправить.',
      tooLarge: 'Больше за один раз не отправить. Записанное можно отправить.',
      deviceLost: 'Устройство отключилось. Записанное до этого можно отправить.',
      hidden: 'Запись остановилась, когда страница скрылась из виду. Записанное можно отправить.',
    },
    refused: {
      insecureContext:
        'Страница открыта не по защищённому соединению, и браузер не даёт ей микрофон. Писать можно.',
      unsupported: 'Этот браузер не умеет записывать здесь. Писать можно.',
      denied:
        'Браузер не пускает эту страницу к устройству. Разрешите это в настройках браузера для этой страницы и попробуйте снова.',
      noMicrophone: 'К этому устройству не подключён микрофон.',
      noCamera: 'К этому устройству не подключена камера.',
      inUse: 'Устройство занято другой программой. Закройте её и попробуйте снова.',
      failed: 'Записать не удалось. Ничего не отправлено.',
      deviceLost: 'Устройство отключилось раньше, чем началась запись.',
      tooLarge: 'Запись больше, чем можно отправить. Запишите покороче.',
    },
    length: 'Длительность',
    filled: 'Сколько места занято',
    preview: 'Что видит ваша камера',
    recorded: 'Что вы записали',
    begin: 'Записать',
    switchCamera: 'Другая камера',
    send: 'Отправить',
    discard: 'Удалить',
    dismiss: 'Закрыть, не отправляя',
    close: 'Закрыть',
    again: 'Попробовать снова',
    notLoaded: 'Запись не загрузилась. Загрузите страницу снова, когда закончите здесь.',
  },
  playing: {
    play: {
      voice: 'Слушать голосовое сообщение, {{length}}',
      video: 'Смотреть видеосообщение, {{length}}',
    },
    pause: { voice: 'Остановить голосовое сообщение', video: 'Остановить видеосообщение' },
    position: 'Место',
    at: '{{at}} из {{length}}',
    speed: 'Скорость: {{speed}}',
    times: '{{speed}}×',
    loading: 'Открываем …',
    gone: 'Этого больше нет.',
    unplayable: 'Этот браузер не может это воспроизвести ({{type}}).',
  },
} as const;

export const recorded = { en, ru };

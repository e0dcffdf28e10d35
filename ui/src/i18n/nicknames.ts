/**
 * A friendly name for somebody who has not chosen one: an adjective and an animal. Chance comes in as an argument.
 */
import type { Spoken } from './catalogue';

/** `random` gives numbers from 0 up to 1. Never the name `but`, so that asking for another one gives another one. */
export function makeNickname(language: Spoken, random: () => number, but = ''): string {
  const { adjectives, animals } = WORDS[language];
  for (let tries = 0; ; tries += 1) {
    const pick = (words: string[]) => words[Math.min(words.length - 1, Math.floor(random() * words.length))]!;
    const name = `${pick(adjectives)} ${pick(animals)}`;
    if (name !== but || tries >= 8) return name;
  }
}

const list = (words: string) => words.trim().split(/\s+/);

export const WORDS: Record<Spoken, { adjectives: string[]; animals: string[] }> = {
  ko: {
    adjectives: list(`
      느긋한 다정한 씩씩한 조용한 반가운 따뜻한 포근한 부지런한 엉뚱한 영리한 수줍은 용감한 명랑한 차분한 든든한
      상냥한 재빠른 졸린 배부른 신나는 싱그러운 소박한 꼼꼼한 너그러운 활기찬 폭신한 말랑한 반짝이는 노래하는 춤추는
      산책하는 꿈꾸는 웃는 궁금한 솔직한 믿음직한 우아한 알뜰한 기운찬 슬기로운`),
    animals: list(`
      수달 고라니 두루미 까치 너구리 다람쥐 청설모 고슴도치 토끼 여우 곰 호랑이 삵 담비 오소리 부엉이 올빼미 참새 제비
      딱따구리 물총새 원앙 거북이 도롱뇽 개구리 두꺼비 반딧불이 잠자리 나비 꿀벌 고래 돌고래 물범 해달 펭귄 판다 알파카
      사슴 노루 강아지`),
  },
  en: {
    adjectives: list(`
      Easygoing Gentle Cheerful Quiet Friendly Warm Cozy Diligent Quirky Clever Shy Brave Jolly Calm Steady Kind Swift
      Sleepy Merry Lively Fresh Humble Careful Generous Bouncy Fluffy Mellow Sparkling Singing Dancing Strolling
      Dreaming Smiling Curious Honest Trusty Graceful Nimble Sunny Wise`),
    animals: list(`
      Otter Elk Crane Magpie Raccoon Squirrel Chipmunk Hedgehog Rabbit Fox Bear Tiger Lynx Marten Badger Owl Heron
      Sparrow Swallow Woodpecker Kingfisher Duck Turtle Newt Frog Toad Firefly Dragonfly Butterfly Bee Whale Dolphin
      Seal Walrus Penguin Panda Alpaca Deer Beaver Puppy`),
  },
};

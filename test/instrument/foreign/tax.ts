export type Cents = number;

const RATE = 0.2;

export function tax(price: Cents): Cents {
  return price + price * RATE;
}

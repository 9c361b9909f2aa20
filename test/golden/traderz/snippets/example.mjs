const res = await fetch("https://api.traderz.dev/v1/signals", {
  method: "POST",
  headers: {
    "Authorization": `Bearer ${process.env.TRADERZ_API_KEY}`,
    "Content-Type": "application/json",
  },
  body: JSON.stringify({
    source: "binance",
    type: "crypto",
    symbol: "ETH/USDT",
    side: "open",
    direction: "long",
    price: 3450.5,
    client_signal_id: "trade-8842-open",
  }),
});


if (!res.ok) throw new Error(`signal rejected: ${res.status}`);
const { id, deduped } = await res.json();
console.log(deduped ? `already sent as ${id}` : `stored ${id}`);

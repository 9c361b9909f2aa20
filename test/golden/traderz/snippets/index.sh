curl -X POST https://api.traderz.dev/v1/signals \
  -H "Authorization: Bearer " \
  -H "Content-Type: application/json" \
  -d '{"source":"binance","type":"crypto","symbol":"ETH/USDT","side":"open","direction":"long"}'

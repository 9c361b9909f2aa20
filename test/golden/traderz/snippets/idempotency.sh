# First send → 201 Created, deduped: false
curl -X POST https://api.traderz.dev/v1/signals \
  -H "Authorization: Bearer $TRADERZ_API_KEY" -H "Content-Type: application/json" \
  -d '{"source":"binance","type":"crypto","symbol":"ETH/USDT","side":"open","client_signal_id":"trade-8842-open"}'


# Same client_signal_id again → 200 OK, deduped: true, same id

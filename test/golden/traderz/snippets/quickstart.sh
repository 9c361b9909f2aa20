curl -X POST https://api.traderz.dev/v1/signals \
  -H "Authorization: Bearer $TRADERZ_API_KEY" \
  -H "Content-Type: application/json" \
  -d '{
    "source": "binance",
    "type": "crypto",
    "symbol": "ETH/USDT",
    "side": "open",
    "direction": "long",
    "price": 3450.5
  }'

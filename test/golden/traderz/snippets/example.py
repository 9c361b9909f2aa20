import os, requests


resp = requests.post(
    "https://api.traderz.dev/v1/signals",
    headers={"Authorization": f"Bearer {os.environ['TRADERZ_API_KEY']}"},
    json={
        "source": "binance",
        "type": "crypto",
        "symbol": "ETH/USDT",
        "side": "open",
        "direction": "long",
        "price": 3450.5,
        "client_signal_id": "trade-8842-open",
    },
    timeout=10,
)
resp.raise_for_status()
data = resp.json()
print("deduped" if data.get("deduped") else "stored", data["id"])

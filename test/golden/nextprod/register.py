import requests

response = requests.post(
    "https://nextprodapp.com/api/v1/signals",
    headers={"Authorization": f"Bearer {NEXTPROD_API_KEY}"},
    json={
        "strategy_id": "your_strategy_id",
        "market": "KXMLBGAME-26APR041905MIANYY-NYY",
        "direction": "YES",
        "size": 300,
        "entry_price": 0.45,
        "rationale": "Model triggered on momentum signal"
    }
)

data = response.json()
print(f"Signal {data['signal_id']} registered at {data['timestamp']}")

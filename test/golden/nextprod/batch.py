response = requests.post(
    "https://nextprodapp.com/api/v1/signals/batch",
    headers={"Authorization": f"Bearer {NEXTPROD_API_KEY}"},
    json={
        "signals": [
            {"strategy_id": "your_strategy_id", "market": "KXMLBGAME-...-NYY", "direction": "YES", "size": 300},
            {"strategy_id": "your_strategy_id", "market": "KXMLBGAME-...-BOS", "direction": "NO", "size": 150},
        ]
    }
)

import requests

NEXTPROD_API_KEY = "np_live_your_api_key_here"

def register_signal(strategy_id, market, direction, size):
    response = requests.post(
        "https://nextprodapp.com/api/v1/signals",
        headers={"Authorization": f"Bearer {NEXTPROD_API_KEY}"},
        json={
            "strategy_id": strategy_id,
            "market": market,
            "direction": direction,
            "size": size
        }
    )
    return response.json()

# Example: register a YES signal on an MLB game
result = register_signal(
    strategy_id="your_strategy_id",
    market="KXMLBGAME-26APR041905MIANYY-NYY",
    direction="YES",
    size=300
)
print(result["signal_id"], result["timestamp"])

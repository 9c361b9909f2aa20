curl -H "Authorization: Bearer np_live_your_api_key_here" \
  "https://nextprodapp.com/api/v1/signals?strategy_id=your_strategy_id&status=win&limit=10"

"""The tiers that both products are asked to settle, spread over what a distributor buys here."""

import os

# What one of 1,000 distributors buys in a year, at 255 a line.
YEARLY = int(os.environ["LINES"]) * 255 // int(os.environ["YEARS"]) // 1000
# Threshold and rate in percent, retroactive; most reach the second, some the third.
TIERS = ((YEARLY // 10, 1), (YEARLY // 2, 2), (YEARLY, 3))

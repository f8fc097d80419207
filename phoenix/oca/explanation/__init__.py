"""Why a choice was made, whether it agrees with others, and what is wrong with rules."""

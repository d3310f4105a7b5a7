"""What a note and the charts that it shares with chapters say, in English."""

TEXTS = {
    # Names
    "training": "Training",
    "inference": "Inference",
    "training_flop": "Operations to train",
    "training_rate": "Computing power needed for training",
    "training_accelerators_exact": "Accelerators for training, before rounding",
    "training_accelerators": "Accelerators for training",
    "training_servers": "Servers for training",
    "training_chip_hours": "Chip-hours of the run",
    "training_energy": "Energy of the run",
    "training_rent": "Rent of the run",
    "inference_tokens": "Tokens a day",
    "inference_flop": "Operations a day",
    "inference_rate": "Computing power needed for inference",
    "inference_accelerators_exact": "Accelerators for inference, before rounding",
    "inference_accelerators": "Accelerators for inference",
    "inference_servers": "Servers for inference",
    "inference_chip_hours": "Chip-hours a day",
    "inference_energy": "Energy a day",
    "inference_rent": "Rent a day",
    "inference_token_price": "Rent of a million tokens",
    "dollars_per_chip_hour": "Rent of an accelerator, dollars an hour",
    "chip_watts": "Power limit of an accelerator, W",
    "server_share": "Power of a server over that of its chips",
    "power_usage_effectiveness": "Power usage effectiveness of the site",
    "reached_training_low": "Utilization, training: a tenth of published runs stay below",
    "reached_training_high": "Utilization, training: a tenth of published runs are above",
    "reached_inference_low": "Utilization, inference: a tenth of published servers stay below",
    "reached_inference_high": "Utilization, inference: a tenth of published servers are above",
    "hours": "{value} chip-hours",
    "energy": "{value} MWh",
    "dollars": "${value} million",
    "price": "${value}",
    "flop": "{value} FLOP",
    "rate": "{value} FLOP/s",
    "tokens": "{value} tokens",
    "count": "{value}",
    "yes": "yes",
    "partly": "partly",
    "no": "no",
    "as given": "as given",
    "as computed": "computed",
    "whole runs": "whole runs",
    "training steps": "training steps",
    "servers": "servers",
    "group_whole runs": "source",
    "group_training steps": "source",
    "group_servers": "model",
    "comma": ", ",
    "labelled": "{label}. {text}",
    # Title block
    "author": "Author",
    "date": "Date",
    "scenario": "Scenario",
    "base": "Base",
    "source": "Source: {text}",
    "list": "{one} and {other}",
    # Heads
    "summary": "In short",
    "key": "Key results",
    "printed": "What the deck prints",
    "differs": "What differs, and why",
    "work": "Reading and writing tokens",
    "assumptions": "Assumptions",
    "method": "Method, and how far it was tested",
    "risks": "Risks",
    "disclaimer": "Disclaimer",
    "receipt": "Receipt",
    "result": "Result",
    "unit": "Unit",
    "estimate": "Estimate",
    "low": "Low",
    "high": "High",
    "interval": "80% interval",
    "factor": "Factor",
    "assumption": "Assumption",
    "value": "Value",
    "why": "Where the value comes from",
    "verified": "Verified",
    "formula": "Formula",
    "chip": "Chip",
    "prompts": "Prompts, tokens/s a chip",
    "answers": "Answers, tokens/s a chip",
    "requests": "Requests at a time",
    "deck prints": "The deck prints",
    "deck recomputed": "Its formula gives",
    "this note": "This note",
    # Texts
    "training_summary": "Training {parameters} parameters on {tokens} tokens takes {flop} FLOP. Done in {time} at "
    "{utilization} of the peak, that is {accelerators} accelerators ({chip} at {precision}) in {servers} servers. "
    "At the {low} to {high} of the peak between which eight of ten published {what} lie, it would be {few} to "
    "{many}.",
    "inference_summary": "Serving {tokens} tokens a day takes {accelerators} accelerators ({chip} at {precision}) "
    "in {servers} servers, at {utilization} of the peak. At the {low} to {high} between which eight of ten "
    "published {what} lie, it would be {few} to {many}.",
    "outside": "The assumed utilization lies outside what these published {what} reached, so the estimate lies "
    "outside the interval too: the assumption is {word}.",
    "optimistic": "optimistic",
    "pessimistic": "pessimistic",
    "same": "This note assumes the same as what it is compared with.",
    "more": "{result}: {after} in place of {before}, {factor} times as many.",
    "unchanged": "{result}: the same, {after}. The changes leave it, or cancel.",
    "steps": "Each change alone: {steps}. The factors multiply to the whole.",
    "step": "{names} × {factor}",
    "key_caption": "The estimate is the formula's at the assumed utilization. The interval takes the utilization "
    "from published runs instead and holds eight of ten of them, each {group} counting the same; all else, prices "
    "included, is as assumed.",
    "differs_caption": "What was changed against the base: {base}.",
    "printed_text": "The deck prints {printed} accelerators for inference. Its own formula and assumptions give "
    "{corrected}: the printed number multiplied by the {tokens} training tokens where the {parameters} parameters "
    "belong, and so came out {factor} times too high.",
    "printed_caption": "The deck's printed results, and what its own formula makes of its own assumptions.",
    "work_text": "One utilization for all work hides that reading a prompt is bound by arithmetic, and writing "
    "answers to a few requests by memory. This report's model of a server says how fast {chips} can be at each: {model} in "
    "16 bits on a server of {server}, prompts of {prompt} tokens one at a time, answers at a context of {context} "
    "tokens.",
    "work_more": "{after} has {peak} times the peak of {before} and {bandwidth} times its memory bandwidth. It is "
    "predicted to read prompts {prefill} times as fast, and to write answers {decode} times as fast with as many "
    "requests as fit, {few} times with {requests}. The formula of this note, with one utilization for both, sees "
    "only the peak, at the precision assumed: {formula} times the work a chip.",
    "work_caption": "Predicted speeds, with 80% intervals from the errors on published and measured runs that were held out.",
    "work_cost": "A million tokens cost the owner of {chip} ${prompt} to read and ${answer} to write, at the "
    "latest purchase price in data/.",
    "work_missing": "{chip} can't be compared: {reason}.",
    "assumptions_caption": "Every assumption, with its source. A value left as the deck has it carries the deck's source.",
    "method_text": "The estimate is a division. A dense model takes six FLOP a parameter and token to train, two "
    "to serve; of a mixture of experts, the active parameters count. The product over the time is a rate; the rate "
    "over what one accelerator delivers, its dense peak times a utilization, is a number of accelerators, rounded "
    "up. Energy takes every accelerator at its power limit, so it is an upper bound. The formulas below are "
    "printed from the functions that computed this note, and the workbook computes with them.",
    "method_caption": "The formulas.",
    "validation_text": "How far off are such estimates? Of published whole training runs, a constant utilization "
    "of {constant} misses the chip-hours by {whole_constant} in the median. A model of the training step, fitted "
    "to other sources only, misses single steps by {steps} and whole runs by {whole}. The speed at which a server "
    "writes is predicted within a factor of {writes} in eight of ten published cases, the time to the first token "
    "within {first}. The interval in this note is the spread of published utilizations, since the formula knows "
    "nothing of the machine but its peak.",
    "risk_utilization": "{part}. The number of accelerators is inversely proportional to the utilization. The note "
    "assumes {utilization}; the middle of the {runs} published {what} is {middle}.",
    "risk_unverified": "Sources. Not fully verified: {names}.",
    "risk_given": "Assumptions. As the scenario gives them, and not verified by this report: {names}.",
    "risk_demand": "Demand. The load is spread over {time} of the day. Real days have peaks, and what carries the "
    "peak stands idle at night.",
    "risk_memory": "Memory. The formula does not know whether weights and key-value cache fit, nor that writing "
    "answers is bound by memory bandwidth.",
    "risk_scale": "Scale. Failures, restarts and communication take more as a run grows; published runs are "
    "smaller than many planned ones.",
    "risk_prices": "Prices. Rents are medians of clouds' lists in data/gpu_prices.csv; contracts and years differ by a factor.",
    "risk_supply": "Supply. Export rules and production decide whether the accelerators can be had at all; the "
    "note assumes that they can.",
    "disclaimer_text": "This note is computed from public data and stated assumptions. It is no investment advice, "
    "no offer and no recommendation of any security. The numbers are estimates, not facts, and may be wrong. "
    "Whoever acts on them does so at their own risk. Names and marks belong to their owners.",
    "receipt_text": "The same command with the same files gives the same note.",
    "receipt_command": "Command",
    "receipt_digests": "Digests (SHA-256)",
    "receipt_scenario": "Scenario",
    "receipt_base": "Base",
    "receipt_package": "Package",
    "receipt_data": "Data",
    "receipt_lock": "Lock",
    "receipt_versions": "Versions",
    # Charts
    "intervals_title": "How many accelerators it takes",
    "intervals_text": "Accelerators on a logarithmic scale: {text}.",
    "intervals_of": "{part} {value}, and {low} to {high} at published utilizations",
    "accelerators": "Accelerators",
    "computed": "computed by {module}",
    "ratios_title": "{after} beside {before}",
    "ratios_text": "{after} over {before}: {peak} times the peak, and {few} to {decode} times the speed of writing answers.",
    "ratios_axis": "{after} over {before}",
    "ratio_peak": "Dense peak in {precision}",
    "fewer_accelerators": "Fewer accelerators",
    "more_accelerators": "More accelerators",
    "change": "Change",
    "factors_axis": "Factor on the number of accelerators",
    "factors_title": "{result}: what each change does",
    "factors_said": "{result} change by a factor of {ratio}; the largest part of it is due to: {first}.",
    "factors_text": "{result}, the factor of each change alone: {factors}. Together × {ratio}.",
    "factors_source": "the two scenarios; computed by analysis/scenarios/comparison.py",
    "slip_printed": "The deck prints",
    "slip_repeated": "With training tokens for parameters",
    "slip_corrected": "With the parameters, as the formula says",
    "slip_book": "Under the assumptions of this book",
    "slip_note": "Under the assumptions of this note",
    "slip_axis": "Accelerators to serve one day",
    "slip_title": "One wrong factor explains the deck's number",
    "slip_subtitle": "Its inference estimate is {factor} times too high: it multiplied by tokens where parameters belong.",
    "slip_text": "Bars of accelerators: {counts}.",
    "slip_source": "the deck; recomputed under its own assumptions",
    "ratio_bandwidth": "Memory bandwidth",
    "ratio_memory": "Memory",
    "ratio_prefill": "Speed of reading prompts",
    "ratio_few": "Speed of writing answers, {requests} requests",
    "ratio_decode": "Speed of writing answers, {requests} requests",
    "data sheet": "Data sheet",
    "predicted": "Predicted",
    # Workbook
    "sheet_results": "Results",
    "sheet_assumptions": "Assumptions",
    "sheet_chips": "Chips",
    "sheet_about": "About",
    "edit": "Change a blue cell, and the results follow.",
    "base value": "Base",
    "in the formulas": "In the formulas",
    "allowed": "Allowed: {least} to {most}",
    "chips_hint": "Dense peaks in TFLOPS. What data/ does not have is a dash.",
    "empty": "Leave empty to take the peak from the sheet of chips.",
    "known to formulas as": "Name in formulas",
}

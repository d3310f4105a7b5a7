"""What a note says, in English and in Chinese: one table of texts a language, with the same names and the same gaps."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from analysis import numerals
from analysis.scenarios.scenario import ASSUMPTIONS

_EN = {
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
    "work_caption": "Predicted speeds, with 80% intervals from the errors on published and measured runs that were "
    "held out.",
    "work_cost": "A million tokens cost the owner of {chip} ${prompt} to read and ${answer} to write, at the "
    "latest purchase price in data/.",
    "work_missing": "{chip} can't be compared: {reason}.",
    "assumptions_caption": "Every assumption, with its source. A value left as the deck has it carries the deck's "
    "source.",
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
    "risk_prices": "Prices. Rents are the latest list prices in data/gpu_prices.csv; contracts and years differ by "
    "a factor.",
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
    "intervals_title": "Accelerators on a logarithmic scale: {text}.",
    "intervals_of": "{part} {value}, and {low} to {high} at published utilizations",
    "accelerators": "Accelerators",
    "computed": "computed by {module}",
    "ratios_title": "{after} over {before}: {peak} times the peak, and {few} to {decode} times the speed of "
    "writing answers.",
    "ratios_axis": "{after} over {before}",
    "ratio_peak": "Dense peak in {precision}",
    "fewer_accelerators": "Fewer accelerators",
    "more_accelerators": "More accelerators",
    "change": "Change",
    "factors_axis": "Factor on the number of accelerators",
    "factors_title": "{result} change by a factor of {ratio}; the largest part of it is due to: {first}.",
    "factors_text": "{result}, the factor of each change alone: {factors}. Together × {ratio}.",
    "factors_source": "the two scenarios; computed by analysis/scenarios/comparison.py",
    "slip_printed": "The deck prints",
    "slip_repeated": "With training tokens for parameters",
    "slip_corrected": "With the parameters, as the formula says",
    "slip_book": "Under the assumptions of this book",
    "slip_note": "Under the assumptions of this note",
    "slip_axis": "Accelerators to serve one day",
    "slip_title": "The deck's inference estimate is {factor} times too high: it multiplied by tokens where parameters belong.",
    "slip_text": "Bars of accelerators: {counts}.",
    "slip_source": "the deck; recomputed by analysis/scenarios/estimate.py",
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

_ZH = {
    "training": "训练",
    "inference": "推理",
    "training_flop": "训练所需运算次数",
    "training_rate": "训练所需算力",
    "training_accelerators_exact": "训练所需芯片数（取整前）",
    "training_accelerators": "训练所需芯片数",
    "training_servers": "训练所需服务器数",
    "training_chip_hours": "训练卡时",
    "training_energy": "训练耗电",
    "training_rent": "训练租金",
    "inference_tokens": "每日token数",
    "inference_flop": "每日所需运算次数",
    "inference_rate": "推理所需算力",
    "inference_accelerators_exact": "推理所需芯片数（取整前）",
    "inference_accelerators": "推理所需芯片数",
    "inference_servers": "推理所需服务器数",
    "inference_chip_hours": "每日卡时",
    "inference_energy": "每日耗电",
    "inference_rent": "每日租金",
    "inference_token_price": "每百万token租金",
    "dollars_per_chip_hour": "芯片租金，美元/小时",
    "chip_watts": "芯片功耗上限，W",
    "server_share": "服务器功率与芯片功率之比",
    "power_usage_effectiveness": "机房电能利用效率（PUE）",
    "reached_training_low": "算力有效性，训练：已公布案例的10%分位",
    "reached_training_high": "算力有效性，训练：已公布案例的90%分位",
    "reached_inference_low": "算力有效性，推理：已公布案例的10%分位",
    "reached_inference_high": "算力有效性，推理：已公布案例的90%分位",
    "hours": "{value} 卡时",
    "energy": "{value} MWh",
    "dollars": "{value} 百万美元",
    "price": "{value} 美元",
    "flop": "{value} FLOP",
    "rate": "{value} FLOP/s",
    "tokens": "{value} token",
    "count": "{value}",
    "yes": "已核实",
    "partly": "部分核实",
    "no": "未核实",
    "as given": "情景给定",
    "whole runs": "完整训练",
    "training steps": "训练步",
    "servers": "推理服务",
    "group_whole runs": "来源",
    "group_training steps": "来源",
    "group_servers": "模型",
    "comma": "、",
    "labelled": "{label}：{text}",
    "author": "作者",
    "date": "日期",
    "scenario": "情景",
    "base": "对照情景",
    "source": "资料来源：{text}",
    "list": "{one}与{other}",
    "summary": "摘要",
    "key": "主要结果",
    "printed": "原报告所印数字",
    "differs": "与对照情景的差别及原因",
    "work": "读取与生成token",
    "assumptions": "假设",
    "method": "方法与检验",
    "risks": "风险提示",
    "disclaimer": "免责声明",
    "receipt": "计算凭据",
    "result": "结果",
    "unit": "单位",
    "estimate": "估计值",
    "low": "低",
    "high": "高",
    "interval": "80%区间",
    "factor": "倍数",
    "assumption": "假设",
    "value": "取值",
    "why": "取值来源",
    "verified": "核实",
    "formula": "公式",
    "chip": "芯片",
    "prompts": "读取提示，token/秒/卡",
    "answers": "生成回答，token/秒/卡",
    "requests": "同时处理请求数",
    "deck prints": "原报告所印",
    "deck recomputed": "按其公式重算",
    "this note": "本报告",
    "training_summary": "用 {tokens} 个token训练 {parameters} 个参数，需 {flop} FLOP。若在 {time}内完成、算力有效性"
    "为 {utilization}，需 {accelerators} 颗芯片（{chip}，{precision}），即 {servers} 台服务器。已公布的{what}中有八"
    "成的算力有效性在 {low} 至 {high} 之间，按此需 {few} 至 {many} 颗。",
    "inference_summary": "每日推理 {tokens} 个token，在算力有效性 {utilization} 下需 {accelerators} 颗芯片（{chip}"
    "，{precision}），即 {servers} 台服务器。已公布的{what}中有八成的算力有效性在 {low} 至 {high} 之间，按此需 "
    "{few} 至 {many} 颗。",
    "outside": "所设算力有效性落在上述已公布{what}的范围之外，故估计值也在区间之外：该假设偏{word}。",
    "optimistic": "乐观",
    "pessimistic": "保守",
    "same": "本报告与对照情景的假设相同。",
    "more": "{result}：由 {before} 变为 {after}，为其 {factor} 倍。",
    "unchanged": "{result}：不变，为 {after}。各项变化与其无关或相互抵消。",
    "steps": "各项变化单独作用：{steps}。各倍数相乘即为总变化。",
    "step": "{names} × {factor}",
    "key_caption": "估计值按所设算力有效性由公式算出。区间改用已公布案例的算力有效性，涵盖其中八成，每个{group}权重"
    "相同；其余各项（含价格）不变。",
    "differs_caption": "相对于“{base}”的变化。",
    "printed_text": "原报告所印推理芯片数为 {printed}。按其自身公式与假设应为 {corrected}：所印数字在应乘 "
    "{parameters} 个参数处误乘了 {tokens} 个训练token，故为正确值的 {factor} 倍。",
    "printed_caption": "原报告所印结果，以及按其自身公式与假设重算的结果。",
    "work_text": "用同一个算力有效性概括全部工作，会掩盖一点：读取提示受算力限制，请求不多时生成回答受内存带宽限制"
    "。本书的服务器模型给出{chips}各自的速度：{model}（16位），每台服务器 {server} 颗芯片，逐条读取 {prompt} 个"
    "token的提示，在 {context} 个token的上下文中生成回答。",
    "work_more": "{after} 的峰值算力为 {before} 的 {peak} 倍，内存带宽为其 {bandwidth} 倍。预计其读取提示的速度为后"
    "者的 {prefill} 倍，请求尽量多时生成回答的速度为后者的 {decode} 倍，{requests}个请求时为 {few} 倍。而本报告的公"
    "式对两者用同一个算力有效性，只看所设精度下的峰值：单卡工作量为 {formula} 倍。",
    "work_caption": "预测速度及80%区间；区间取自留出的已公布与实测案例的误差。",
    "work_cost": "按data/中最新购置价，{chip}每读取百万token的成本为 {prompt} 美元，每生成百万token为 {answer} 美元。",
    "work_missing": "{chip} 无法比较：{reason}。",
    "assumptions_caption": "全部假设及其来源。沿用原报告取值的，来源亦沿用原报告。",
    "method_text": "本估计是一次除法。稠密模型训练时每个参数、每个token需6次浮点运算，推理时需2次；混合专家模型按激"
    "活参数计。其乘积除以时间得所需算力；再除以单颗芯片的有效算力（稠密峰值乘以算力有效性）得芯片数，向上取整。耗电"
    "按每颗芯片满功耗计，故为上限。下列公式由计算本报告的函数直接打印，工作簿亦以此计算。",
    "method_caption": "公式。",
    "validation_text": "这类估计的误差有多大？对已公布的完整训练，若一律取算力有效性 {constant}，卡时误差的中位数为"
    " {whole_constant}。仅用其他来源拟合的训练步模型，对单步的误差为 {steps}，对完整训练为 {whole}。对推理服务，生"
    "成速度在八成的已公布案例中落在 {writes} 倍以内，首token时间落在 {first} 倍以内。本报告的区间取自已公布的算力有"
    "效性的离散程度，因为公式除峰值外对机器一无所知。",
    "risk_utilization": "{part}。芯片数与算力有效性成反比。本报告取 {utilization}；{runs} 个已公布{what}的中位数为 "
    "{middle}。",
    "risk_unverified": "来源。尚未完全核实的有：{names}。",
    "risk_given": "假设。由情景给定，本书未作核实的有：{names}。",
    "risk_demand": "需求。负载被均摊到一天中的 {time}。实际负载有高峰，为高峰准备的芯片在夜间闲置。",
    "risk_memory": "内存。公式不知道权重与键值缓存是否放得下，也不知道生成回答受内存带宽限制。",
    "risk_scale": "规模。规模越大，故障、重启与通信的损失越大；已公布的训练规模小于许多计划中的训练。",
    "risk_prices": "价格。租金取自data/gpu_prices.csv中最新的标价；合同价与年份不同，差距可达数倍。",
    "risk_supply": "供应。出口管制与产能决定芯片能否买到；本报告假定可以买到。",
    "disclaimer_text": "本报告由公开数据与所列假设计算得出，不构成投资建议、要约或对任何证券的推荐。文中数字为估计"
    "值而非事实，可能有误。据此行事者自担风险。所涉名称与商标归其所有者所有。",
    "receipt_text": "同一命令、同样的文件，得到同一份报告。",
    "receipt_command": "命令",
    "receipt_digests": "摘要值（SHA-256）",
    "receipt_scenario": "情景",
    "receipt_base": "对照情景",
    "receipt_package": "程序包",
    "receipt_data": "数据",
    "receipt_lock": "依赖锁定",
    "receipt_versions": "版本",
    "intervals_title": "芯片数（对数坐标）：{text}。",
    "intervals_of": "{part} {value}，按已公布的算力有效性为 {low} 至 {high}",
    "accelerators": "芯片数",
    "computed": "由 {module} 计算",
    "ratios_title": "{after} 与 {before} 之比：峰值为 {peak} 倍，生成回答的速度为 {few} 至 {decode} 倍。",
    "ratios_axis": "{after} 与 {before} 之比",
    "ratio_peak": "稠密峰值（{precision}）",
    "fewer_accelerators": "芯片更少",
    "more_accelerators": "芯片更多",
    "change": "变动",
    "factors_axis": "芯片数的倍数",
    "factors_title": "{result}变为 {ratio} 倍，影响最大的变动：{first}。",
    "factors_text": "{result}，各项变动单独的倍数：{factors}。合计 × {ratio}。",
    "factors_source": "两个情景；由 analysis/scenarios/comparison.py 计算",
    "slip_printed": "原报告的数字",
    "slip_repeated": "以训练词数代替参数量",
    "slip_corrected": "按公式代入参数量",
    "slip_book": "按本书的假设",
    "slip_note": "按本报告的假设",
    "slip_axis": "一天的服务所需芯片数",
    "slip_title": "原报告的推理测算偏高至 {factor} 倍：在应代入参数量之处代入了训练词数。",
    "slip_text": "芯片数：{counts}。",
    "slip_source": "原报告；由 analysis/scenarios/estimate.py 重新计算",
    "ratio_bandwidth": "内存带宽",
    "ratio_memory": "内存容量",
    "ratio_prefill": "读取提示的速度",
    "ratio_few": "生成回答的速度（{requests}个请求）",
    "ratio_decode": "生成回答的速度（{requests}个请求）",
    "data sheet": "数据手册",
    "predicted": "预测",
    "sheet_results": "结果",
    "sheet_assumptions": "假设",
    "sheet_chips": "芯片",
    "sheet_about": "说明",
    "edit": "修改蓝色单元格，结果随之变化。",
    "base value": "对照情景",
    "in the formulas": "公式中的值",
    "allowed": "允许范围：{least} 至 {most}",
    "chips_hint": "稠密峰值，单位TFLOPS。data/中没有的以短横表示。",
    "empty": "留空则从“芯片”表中取峰值。",
    "known to formulas as": "公式中的名称",
}

#: What the package itself says of the deck's values and a note quotes, in other languages than English.
_TRANSLATED = {
    "zh": {
        "The deck's assumptions": "原报告的假设",
        "set in this scenario": "本情景设定",
        "Brown et al. 2020, table 2.1 (175.0B; table D.1 prints 174.6B)": "Brown等（2020）表2.1（175.0B；表D.1为174.6B）",
        "Brown et al. 2020, section 2.2": "Brown等（2020）第2.2节",
        "the deck (an assumption)": "原报告（假设）",
        "the deck": "原报告",
        "inferred: the deck's 78 TFLOPS are half of the A100's dense TF32 peak, though it speaks of single precision": "推断："
        "原报告的78 TFLOPS为A100稠密TF32峰值的一半，尽管其称之为单精度",
        "the deck, after an NVIDIA talk (GTIC, April 2023) whose figure was not found": "原报告引英伟达演讲（GTIC,2023年4月），"
        "该数字未能查到",
        "implied by the deck's 1,558 GPUs in 195 servers": "由原报告的1,558颗GPU与195台服务器推得",
        "the deck; a figure of 2012 to 2015 (data/demand.csv)": "原报告；为2012至2015年的数字（data/demand.csv）",
        "the deck; OpenAI's rule for English words, taken for Chinese characters": "原报告；OpenAI针对英文单词的经验规则，"
        "被用于汉字",
    }
}

_UNITS = {"zh": (("days", "天"), ("day", "天"), ("seconds", "秒"), ("second", "秒"))}

#: What a quantity is divided by for reading: energy is read in MWh, dollars in millions.
SCALES = {"energy": 3.6e9, "dollars": 1e6}

TABLES: Mapping[str, Mapping[str, str]] = {"en": _EN, "zh": _ZH}


@dataclass(frozen=True)
class Words:
    """The texts of one language: `words("key")`, with gaps filled by name."""

    language: str

    def __call__(self, name: str, /, **gaps: object) -> str:
        """Return the text `name` with its gaps filled."""
        return TABLES[self.language][name].format(**gaps)

    def quantity(self, kind: str, value: float) -> str:
        """Return a value, in SI units, as people read this kind of quantity, with its unit."""
        return self(kind, value=self.number(kind, value))

    @staticmethod
    def number(kind: str, value: float) -> str:
        """Return the same without its unit."""
        if kind == "count":
            return numerals.whole(value)
        return numerals.plain(value / SCALES.get(kind, 1.0), 3 if kind in ("dollars", "price") else 4)

    def assumption(self, name: str) -> str:
        """Return the name of an assumption."""
        return ASSUMPTIONS[name].chinese if self.language == "zh" else name.replace("_", " ").capitalize()

    def quoted(self, text: str) -> str:
        """Return a title or a source: the package's own in this language, a scenario's as it was written."""
        return _TRANSLATED.get(self.language, {}).get(text, text)

    def written(self, name: str, value: object) -> str:
        """Return the value of the assumption `name` as people write it."""
        text = ASSUMPTIONS[name].written(value)
        for english, other in _UNITS.get(self.language, ()):
            if text.endswith(f" {english}"):
                return f"{text.removesuffix(english)}{other}"
        return text


def letters(text: str) -> int:
    """Return how many Latin letters a text is about as wide as."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)

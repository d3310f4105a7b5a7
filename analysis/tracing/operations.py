"""What a traced number can pass through: NumPy's functions of numbers, each with the JavaScript that does the same.

In the JavaScript, `$0`, `$1` … stand for the arguments. A helper is a function of its own, which a script has if it needs it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Operation:
    """One function: its name, its JavaScript, whether it gives a truth value, and NumPy's own for what is constant."""

    name: str
    javascript: str
    truth: bool
    compute: Callable[..., Any]


#: Functions of JavaScript where it has none that does what NumPy's does, with its NaN, its signs and its halves.
HELPERS = {
    "power": "(a,b)=>a===1||(a===-1&&Math.abs(b)===Infinity)?1:Math.pow(a,b)",
    "mod": "(a,b)=>{const r=a%b;return r!==0&&(r<0)!==(b<0)?r+b:r}",
    "divided": "(a,b)=>{if(b===0)return a/b;let r=a%b,d=(a-r)/b;if(r!==0&&(r<0)!==(b<0))d-=1;"
    "const f=Math.floor(d);return d-f>.5?f+1:f}",
    "even": "(a)=>{const f=Math.floor(a),d=a-f;return d<.5?f:d>.5?f+1:f%2===0?f:f+1}",
    "least": "(a,b)=>a!==a?b:b!==b?a:Math.min(a,b)",
    "most": "(a,b)=>a!==a?b:b!==b?a:Math.max(a,b)",
    "summed": "(a,b)=>a===b?a+Math.LN2:Math.max(a,b)+Math.log1p(Math.exp(-Math.abs(a-b)))",
    "known": "(a,n,p,m)=>a!==a?n:a===Infinity?p:a===-Infinity?m:a",
    "taken": "(t,i)=>{const v=t[i<0?i+t.length:i];if(v===undefined)throw new RangeError('index '+i+' of '+t.length);return v}",
    "found": "(t,a,r)=>{if(a!==a)return t.length;let l=0,h=t.length;while(l<h){const m=(l+h)>>1;"
    "if(r?t[m]<=a:t[m]<a)l=m+1;else h=m}return l}",
    "between": "(a,x,y)=>{if(a!==a)return a;const n=x.length;if(a<=x[0])return y[0];if(a>=x[n-1])return y[n-1];"
    "let l=0,h=n-1;while(h-l>1){const m=(l+h)>>1;if(x[m]<=a)l=m;else h=m}"
    "return y[l]+(y[h]-y[l])/(x[h]-x[l])*(a-x[l])}",
}

_NUMBERS = {
    "add": "($0+$1)", "subtract": "($0-$1)", "multiply": "($0*$1)", "divide": "($0/$1)", "negative": "(-$0)",
    "positive": "(+$0)", "power": "power($0,$1)", "float_power": "power($0,$1)", "remainder": "mod($0,$1)",
    "fmod": "($0%$1)", "floor_divide": "divided($0,$1)", "square": "power($0,2)", "reciprocal": "(1/$0)",
    "sqrt": "Math.sqrt($0)", "cbrt": "Math.cbrt($0)", "exp": "Math.exp($0)", "exp2": "Math.pow(2,$0)",
    "expm1": "Math.expm1($0)", "log": "Math.log($0)", "log2": "Math.log2($0)", "log10": "Math.log10($0)",
    "log1p": "Math.log1p($0)", "logaddexp": "summed($0,$1)", "absolute": "Math.abs($0)", "fabs": "Math.abs($0)",
    "sign": "Math.sign($0)", "floor": "Math.floor($0)", "ceil": "Math.ceil($0)", "trunc": "Math.trunc($0)",
    "rint": "even($0)", "minimum": "Math.min($0,$1)", "maximum": "Math.max($0,$1)", "fmin": "least($0,$1)",
    "fmax": "most($0,$1)", "hypot": "Math.hypot($0,$1)", "sin": "Math.sin($0)", "cos": "Math.cos($0)",
    "tan": "Math.tan($0)", "arcsin": "Math.asin($0)", "arccos": "Math.acos($0)", "arctan": "Math.atan($0)",
    "arctan2": "Math.atan2($0,$1)", "sinh": "Math.sinh($0)", "cosh": "Math.cosh($0)", "tanh": "Math.tanh($0)",
}  # fmt: skip
_TRUTHS = {
    "greater": "($0>$1)", "greater_equal": "($0>=$1)", "less": "($0<$1)", "less_equal": "($0<=$1)", "equal": "($0==$1)",
    "not_equal": "($0!=$1)", "logical_not": "(!$0)", "logical_and": "($0&&$1)", "logical_or": "($0||$1)",
    "logical_xor": "($0!==$1)", "isnan": "($0!=$0)", "isfinite": "isFinite($0)", "isinf": "(Math.abs($0)===Infinity)",
}  # fmt: skip

#: By the name of NumPy's function that works element by element.
OPERATIONS = {
    name: Operation(name, javascript, truth, getattr(np, name))
    for table, truth in ((_NUMBERS, False), (_TRUTHS, True))
    for name, javascript in table.items()
}
#: What takes truth values, so that numbers are first asked whether they are other than 0.
OF_TRUTHS = ("logical_not", "logical_and", "logical_or", "logical_xor")
#: NumPy's signs for truth values do what these do; of whole numbers they mean bits, which nothing here has.
BITWISE = {"bitwise_and": "logical_and", "bitwise_or": "logical_or", "bitwise_xor": "logical_xor", "invert": "logical_not"}


def _chosen(condition: Any, yes: Any, no: Any) -> Any:
    return yes if condition else no


CHOICE = Operation("where", "($0?$1:$2)", False, _chosen)
KNOWN = Operation("nan_to_num", "known($0,$1,$2,$3)", False, np.nan_to_num)
TAKEN = Operation("take", "taken($0,$1)", False, np.take)
FOUND_LEFT = Operation("searchsorted", "found($0,$1,false)", False, np.searchsorted)
FOUND_RIGHT = Operation("searchsorted", "found($0,$1,true)", False, np.searchsorted)
BETWEEN = Operation("interp", "between($0,$1,$2)", False, np.interp)

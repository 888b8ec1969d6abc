"""What somebody would use instead for the plain sums: the same usage in SQLite, and in Parquet with DuckDB.

    python3 plain_sums.py FOLDER USAGE.jsonl…

One line of JSON for each peer: how long loading took, and the sums by contract of the last month and of all months.
"""

import decimal
import json
import os
import shutil
import sqlite3
import sys
import time


def timed(job):
    """What it gave, and its seconds by the clock and of the processor."""
    start, before = time.perf_counter(), time.process_time()
    result = job()
    return result, {"clock": time.perf_counter() - start, "processor": time.process_time() - before}


def plain(total):
    """As short as a decimal can be written."""
    text = format(decimal.Decimal(total), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def cents(text):
    whole, _, part = text.partition(".")
    return int(whole) * 100 + int(part.ljust(2, "0"))


def rows(paths):
    for path in paths:
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                fact = json.loads(line)
                contract = fact.get("contract", fact["account"])
                yield contract, fact.get("meter"), fact["from"], fact["to"], cents(fact["amount"]), fact["currency"]


def sqlite(folder, paths, month):
    path = os.path.join(folder, "usage.sqlite")
    base = sqlite3.connect(path)
    base.execute("pragma journal_mode = wal")
    base.execute("pragma synchronous = full")
    columns = "contract text, meter text not null, first text, last text, cents integer, currency text"
    base.execute(f"create table usage ({columns}, primary key (contract, meter, first)) without rowid")

    def load():
        with base:
            known = ((c, m or "", f, t, a, k) for c, m, f, t, a, k in rows(paths))
            base.executemany("insert into usage values (?, ?, ?, ?, ?, ?)", known)
        base.execute("pragma wal_checkpoint(truncate)")

    _, load_took = timed(load)
    one = "select contract, sum(cents) from usage where first between ? and ? group by contract"
    found, month_took = timed(lambda: base.execute(one, (month + "-01", month + "-31")).fetchall())
    every = "select contract, substr(first, 1, 7), sum(cents) from usage group by 1, 2"
    all_found, all_took = timed(lambda: base.execute(every).fetchall())
    count = base.execute("select count(*) from usage").fetchone()[0]
    total = lambda sums: plain(decimal.Decimal(sum(row[-1] for row in sums)) / 100)
    tell("SQLite", count, load_took, os.path.getsize(path), (found, month_took), (all_found, all_took), total)


def duckdb(folder, paths, month):
    try:
        import duckdb as duck
    except ImportError:
        tell_missing("DuckDB over Parquet: the module `duckdb` is not there (`pip install duckdb`)")
        return
    path = os.path.join(folder, "usage.parquet")
    base = duck.connect(config={"threads": 2})
    columns = "{account: 'VARCHAR', contract: 'VARCHAR', meter: 'VARCHAR', \"from\": 'DATE', \"to\": 'DATE', " \
              "amount: 'DECIMAL(18,2)', quantity: 'DECIMAL(18,2)', currency: 'VARCHAR'}"
    source = f"read_json(?, format = 'newline_delimited', columns = {columns})"
    picked = "coalesce(contract, account) contract, meter, \"from\" as first, \"to\" as last, amount, quantity, currency"
    copy = f"copy (select {picked} from {source}) to '{path}' (format parquet, compression zstd)"
    _, load_took = timed(lambda: base.execute(copy, [list(paths)]))
    one = f"select contract, sum(amount) from '{path}' where first between ? and ? group by 1"
    last = base.execute("select last_day(cast(? as date))", [month + "-01"]).fetchone()[0]
    found, month_took = timed(lambda: base.execute(one, [month + "-01", last]).fetchall())
    every = f"select contract, date_trunc('month', first), sum(amount) from '{path}' group by 1, 2"
    all_found, all_took = timed(lambda: base.execute(every).fetchall())
    count = base.execute(f"select count(*) from '{path}'").fetchone()[0]
    total = lambda sums: plain(sum(row[-1] for row in sums))
    tell("DuckDB", count, load_took, os.path.getsize(path), (found, month_took), (all_found, all_took), total)


def tell(peer, count, load_took, size, month, every, total):
    said = {"peer": peer, "rows": count, "load": load_took, "bytes": size}
    for key, (sums, took) in (("month", month), ("all", every)):
        said[key] = {"took": took, "total": total(sums), "sums": sum(1 for row in sums if row[-1])}
    print(json.dumps(said), flush=True)


def tell_missing(what):
    print(json.dumps({"missing": what}), flush=True)


def main():
    folder, paths = sys.argv[1], sys.argv[2:]
    month = os.path.basename(paths[-1])[len("usage-"):len("usage-2027-01")]
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    try:
        sqlite(folder, paths, month)
        duckdb(folder, paths, month)
    finally:
        shutil.rmtree(folder)


main()

"""Tables, migrations, repositories and the event log; the Parquet bar store."""

// Providers, sources and the meter are shared by the whole process: one test at a time.
[assembly: NonParallelizable]
[assembly: LevelOfParallelism(1)]

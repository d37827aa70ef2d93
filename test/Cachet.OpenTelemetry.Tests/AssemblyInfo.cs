// Providers, sources and the meter are shared by the whole process: one test at a time, each on an instance of its own.
[assembly: NonParallelizable]
[assembly: LevelOfParallelism(1)]
[assembly: FixtureLifeCycle(LifeCycle.InstancePerTestCase)]

// swift-tools-version: 6.2
import PackageDescription

// Three helpers keep the targets alike: language mode 6, warnings as errors, and release binaries
// that carry the Swift runtime in themselves. The run-time library is chosen when a module is
// compiled as well as when it is linked, hence the flag on every target.

let swift: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
    // Else generic types are looked up by their names at each start, which costs half a millisecond.
    .unsafeFlags(
        [
            "-static-stdlib",
            "-Xfrontend", "-disable-concrete-type-metadata-mangled-name-accessors",
            "-Xfrontend", "-function-sections",
        ], .when(configuration: .release)),
]

/// How a release binary is linked: `whole` is a static executable, which starts in a millisecond but
/// may not ask the name service; `runtime` carries only the Swift runtime.
enum Linking: String {
    case whole = "-static-executable"
    case runtime = "-static-stdlib"
}

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: swift)
}

/// What runs at each start lies side by side in the release binary of the command whose time that is, so that the kernel maps
/// a few pages rather than some of everywhere: a sixth of the time of `smelt-exec -- true`. LinkOrder/make writes the lists.
func ordered(_ name: String) -> [String] {
    guard ["smelt-exec", "smelt-queue"].contains(name) else { return [] }
    let list = "\(Context.packageDirectory)/LinkOrder/\(name).order"
    return ["-Xlinker", "--symbol-ordering-file=\(list)", "-Xlinker", "--no-warn-symbol-ordering"]
}

func tool(_ name: String, _ dependencies: [Target.Dependency], _ linking: Linking = .whole)
    -> Target
{
    .executableTarget(
        name: name,
        dependencies: dependencies,
        swiftSettings: swift,
        linkerSettings: [
            .unsafeFlags(["-use-ld=lld"]),
            .unsafeFlags([linking.rawValue], .when(configuration: .release)),
            .unsafeFlags(ordered(name), .when(configuration: .release)),
        ])
}

func tests(_ module: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(module)Tests",
        dependencies: [.byName(name: module)] + dependencies,
        swiftSettings: swift)
}

let package = Package(
    name: "smelt",
    targets: [
        .target(name: "CSystem"),
        library("Smelt", ["CSystem"]),
        library("Records", ["Smelt"]),
        .target(name: "CToml"),
        library("Toml", ["CToml", "Records", "Smelt"]),
        .target(name: "CChild"),
        .systemLibrary(name: "CCap"),
        .systemLibrary(name: "CSeccomp"),
        library(
            "Sandbox", ["CCap", "CChild", "CSeccomp", "CSystem", "Records", "Smelt", "Toml"]),
        library("Policies", ["Records", "Sandbox", "Smelt", "Toml"]),
        library("Manifest", ["Policies", "Records", "Sandbox", "Smelt", "Toml"]),
        .target(
            name: "CEgress",
            linkerSettings: [
                .linkedLibrary("cares"), .linkedLibrary("ssl"), .linkedLibrary("crypto"),
            ]),
        library("Egress", ["CEgress", "Records", "Sandbox", "Smelt"]),
        library("Runtimes", ["Records", "Sandbox", "Smelt"]),
        .target(name: "CCurl"),
        library("Forges", ["CCurl", "Records", "Smelt"]),
        library("Results", ["CSystem", "Records", "Smelt"]),
        // The archive: smelt-pr, which is no static executable, would load the library at each start, and seldom needs it.
        .target(name: "CSQLite", linkerSettings: [.linkedLibrary(":libsqlite3.a")]),
        library("Store", ["CSQLite", "Records", "Smelt"]),
        library("Workers", ["CSystem", "Records", "Results", "Smelt"]),
        library("Tasks", ["Records", "Smelt"]),
        library("Daemon", ["CSystem", "Manifest", "Records", "Smelt", "Store", "Toml"]),
        library("Sessions", ["CSystem", "Records", "Results", "Runtimes", "Sandbox", "Smelt"]),

        tool("smelt-manifest", ["Manifest", "Records", "Smelt", "Toml"]),
        tool(
            "smelt-exec",
            ["Policies", "Records", "Sandbox", "Sessions", "Smelt", "Tasks", "Toml"]),
        // C alone, so without what starts Swift, which would bring all of the runtime.
        .executableTarget(
            name: "smelt-inside",
            linkerSettings: [
                .unsafeFlags(["-use-ld=lld", "-static-executable", "-nostartfiles"])
            ]),
        tool("smelt-egress", ["Egress", "Records", "Sandbox", "Smelt"]),
        tool("smelt-provision", ["Records", "Results", "Runtimes", "Smelt"]),
        tool("smelt-pr", ["Forges", "Records", "Results", "Smelt", "Store"], .runtime),
        tool("smelt-collect", ["Records", "Results", "Smelt"]),
        tool("smelt-review", ["Records", "Results", "Smelt", "Store"]),
        tool("smelt-runs", ["Records", "Results", "Smelt"]),
        tool(
            "smelt-queue",
            [
                "Daemon", "Manifest", "Records", "Results", "Smelt", "Store", "Tasks", "Toml",
                "Workers",
            ]),

        // What the tests kill, and what they measure.
        .executableTarget(
            name: "store-worker", dependencies: ["Smelt", "Store"], path: "Tests/StoreWorker",
            swiftSettings: swift,
            linkerSettings: [.unsafeFlags(["-static-stdlib"], .when(configuration: .release))]),

        tests("Smelt", ["CSystem"]),
        tests("Manifest", ["Records", "Smelt", "Toml"]),
        tests("Daemon", ["Records", "Smelt", "Store"]),
        tests("Records", ["Smelt"]),
        tests("Policies", ["Records", "Sandbox", "Smelt", "Toml"]),
        tests("Sandbox", ["Records", "Smelt", "Toml"]),
        tests("Egress", ["CEgress", "Records", "Smelt"]),
        tests("Forges", ["Records", "Smelt"]),
        tests("Results", ["Records", "Smelt"]),
        tests("Runtimes", ["Records", "Smelt"]),
        tests("Sessions", ["Records", "Runtimes", "Smelt"]),
        tests("Store", ["Records", "Smelt"]),
        tests("Tasks", ["Records"]),
        tests("Workers", ["Records", "Smelt"]),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17)

// The kernel's integer types, as aliases of number, so that declarations keep the width and the byte
// order that the kernel gives them (include/linux/types.h). The debuginfo extraction reads these names.
// A 64-bit value must stay below 2^53; where that cannot be promised the code uses bigint itself.

export type u8 = number;
export type u16 = number;
export type u32 = number;
export type u64 = number;
export type s8 = number;
export type s16 = number;
export type s32 = number;
export type s64 = number;
export type int = number;
export type uint = number;
export type long = number;
export type ulong = number;
export type size_t = number;
export type ssize_t = number;
export type bool = boolean;
/** Counters: to a probe, structs with `counter` and `refs` as in the kernel. */
export type atomic_t = number;
export type atomic_long_t = number;
export type refcount_t = number;
export type gfp_t = number;
export type umode_t = number;
export type pid_t = number;

/** 16 and 32 bits in network byte order, as a little-endian machine loads them: use ntohs()/ntohl(). */
export type __be16 = number;
export type __be32 = number;
/** 32-bit running sum and folded 16-bit ones' complement checksum, in the byte order of __be16. */
export type __wsum = number;
export type __sum16 = number;

/** Nanoseconds. */
export type ktime_t = number;

/** A pointer into sk_buff.head: an offset in bytes from its start. */
export type skb_data_ptr = number;
